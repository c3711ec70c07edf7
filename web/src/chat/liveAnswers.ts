/** Answers that are being written now. They live outside of the pages: leaving a conversation does not lose its stream. */
import { useCallback, useSyncExternalStore } from "react";
import { answerEventsUrl } from "@/api/chat";
import { ApiError } from "@/api/client";
import { followEvents, type ServerEvent } from "@/api/events";
import type { ErrorBody, HitOut, MessageOut } from "@/api/types";

export interface LiveAnswer {
  status: string | null;
  hits: readonly HitOut[];
  text: string;
  error: ApiError | null;
  /** The connection broke and is being tried again. */
  lost: boolean;
  started: number;
}

/** What to do when an answer has ended. After a failure the stored message says why. */
export interface Ending {
  finished: (message: MessageOut) => void;
  failed: () => Promise<unknown>;
}
interface Entry {
  answer: LiveAnswer;
  stop: AbortController;
}

const HIDDEN_PAINT_MILLISECONDS = 200;

export class LiveAnswers {
  private readonly entries = new Map<string, Entry>();
  private readonly watchers = new Map<string, Set<() => void>>();
  private readonly firstSeconds = new Map<string, number>();
  private readonly dirty = new Set<string>();
  private painting = false;

  constructor(
    private readonly now: () => number = () => performance.now(),
    private readonly waits?: readonly number[],
  ) {}

  /** Seconds from the question to the first words, for an answer that was followed here from its start. */
  firstWords(messageId: string): number | null {
    return this.firstSeconds.get(messageId) ?? null;
  }

  get(messageId: string): LiveAnswer | null {
    return this.entries.get(messageId)?.answer ?? null;
  }

  watch(messageId: string, watcher: () => void): () => void {
    const set = this.watchers.get(messageId) ?? new Set();
    this.watchers.set(messageId, set.add(watcher));
    return () => set.delete(watcher);
  }

  /** Follow the answer's events from the first one; does nothing if it is followed already. */
  async follow(messageId: string, ending: Ending): Promise<void> {
    const known = this.entries.get(messageId);
    if (known && !known.answer.error) return;
    const stop = new AbortController();
    const answer: LiveAnswer = { status: null, hits: [], text: "", error: null, lost: false, started: this.now() };
    this.entries.set(messageId, { answer, stop });
    const isLast = (event: ServerEvent) => event.event === "done" || event.event === "error";
    const onConnection = (state: "open" | "lost") => this.change(messageId, { lost: state === "lost" });
    try {
      const events = followEvents(answerEventsUrl(messageId), { signal: stop.signal, isLast, onConnection, waits: this.waits });
      for await (const event of events) this.apply(messageId, event, ending);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.fail(messageId, error, ending);
    }
  }

  /** Stop following (not the answer itself: that goes on in the server). */
  forget(messageId: string): void {
    this.entries.get(messageId)?.stop.abort();
    this.entries.delete(messageId);
    this.paintSoon(messageId);
  }

  forgetAll(): void {
    for (const id of [...this.entries.keys()]) this.forget(id);
  }

  private apply(messageId: string, event: ServerEvent, ending: Ending): void {
    const answer = this.get(messageId);
    if (!answer) return;
    if (event.event === "status") this.change(messageId, { status: (event.data as { status: string }).status });
    else if (event.event === "hits") this.change(messageId, { hits: (event.data as { hits: HitOut[] }).hits });
    else if (event.event === "text") {
      const { text } = event.data as { text: string };
      if (!answer.text) this.firstSeconds.set(messageId, (this.now() - answer.started) / 1000);
      this.change(messageId, { text: answer.text + text });
    } else if (event.event === "error") this.fail(messageId, errorOfEvent(event.data), ending);
    else if (event.event === "done") {
      ending.finished(event.data as MessageOut);
      this.forget(messageId);
    }
  }

  /** Show the error until the stored message, which has it too, is read again. */
  private fail(messageId: string, error: ApiError, ending: Ending): void {
    this.change(messageId, { error });
    void ending.failed().then(() => this.forget(messageId));
  }

  private change(messageId: string, part: Partial<LiveAnswer>): void {
    const entry = this.entries.get(messageId);
    if (!entry) return;
    entry.answer = { ...entry.answer, ...part };
    this.paintSoon(messageId);
  }

  /** Many tokens, one paint a frame. A hidden tab has no frames, so it gets a timer. */
  private paintSoon(messageId: string): void {
    this.dirty.add(messageId);
    if (this.painting) return;
    this.painting = true;
    const paint = () => {
      this.painting = false;
      const ids = [...this.dirty];
      this.dirty.clear();
      for (const id of ids) for (const watcher of this.watchers.get(id) ?? []) watcher();
    };
    if (document.hidden) setTimeout(paint, HIDDEN_PAINT_MILLISECONDS);
    else requestAnimationFrame(paint);
  }
}

/** The server sends `{error: {...}}` or the bare body. */
function errorOfEvent(data: unknown): ApiError {
  const outer = data as { error?: ErrorBody } & Partial<ErrorBody>;
  const body = outer.error ?? outer;
  return new ApiError(500, body.code ?? "failed", body.message ?? "The answer failed.", body.hint ?? null);
}

export const liveAnswers = new LiveAnswers();

export function useLiveAnswer(messageId: string): LiveAnswer | null {
  const watch = useCallback((watcher: () => void) => liveAnswers.watch(messageId, watcher), [messageId]);
  return useSyncExternalStore(watch, () => liveAnswers.get(messageId));
}

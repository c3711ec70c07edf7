/** Server-sent events over fetch: parsed, resumed by Last-Event-ID after a break, stopped by an AbortSignal. */
import { EventSourceParserStream, type EventSourceMessage } from "eventsource-parser/stream";
import { ApiError, errorOf, offlineError, requestHeaders } from "./client";

export interface ServerEvent {
  id: string | null;
  event: string;
  data: unknown;
}

export interface FollowOptions {
  signal: AbortSignal;
  /** Resume behind this event. */
  lastEventId?: string | null;
  /** Called when the connection is lost (with the wait before the next try) and when it is back. */
  onConnection?: (state: "open" | "lost") => void;
  /** Milliseconds before the tries after a break; the last one repeats. */
  waits?: readonly number[];
  /** An event of this name ends the stream for good; without one it is followed for ever. */
  isLast?: (event: ServerEvent) => boolean;
}

const WAITS = [300, 1000, 2000, 5000, 10000] as const;

/** Yield the events of one connection. Throws ApiError when it cannot be opened or breaks. */
export async function* readEvents(url: string, signal: AbortSignal, lastEventId: string | null = null, onOpen?: () => void): AsyncGenerator<ServerEvent> {
  const headers: Record<string, string> = { ...requestHeaders, Accept: "text/event-stream" };
  if (lastEventId !== null) headers["Last-Event-ID"] = lastEventId;
  let reader: ReadableStreamDefaultReader<EventSourceMessage>;
  try {
    const response = await fetch(url, { headers, signal, credentials: "same-origin", cache: "no-store" });
    if (!response.ok || !response.body) throw await errorOf(response);
    onOpen?.();
    const text = response.body.pipeThrough(new TextDecoderStream() as unknown as ReadableWritablePair<string, Uint8Array>);
    reader = text.pipeThrough(new EventSourceParserStream()).getReader();
  } catch (error) {
    throw asApiError(error, signal);
  }
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield { id: value.id ?? null, event: value.event ?? "message", data: value.data ? JSON.parse(value.data) : null };
    }
  } catch (error) {
    throw asApiError(error, signal);
  } finally {
    await reader.cancel().catch(() => undefined); // it broke already: there is nothing left to cancel
  }
}

/** Yield events across breaks: each new connection asks for what came after the last event seen. */
export async function* followEvents(url: string, options: FollowOptions): AsyncGenerator<ServerEvent> {
  const waits = options.waits ?? WAITS;
  let last = options.lastEventId ?? null;
  let tries = 0;
  while (!options.signal.aborted) {
    try {
      for await (const event of readEvents(url, options.signal, last, () => options.onConnection?.("open"))) {
        if (options.signal.aborted) return;
        if (event.id !== null) last = event.id;
        tries = 0;
        yield event;
        if (options.isLast?.(event)) return;
      }
    } catch (error) {
      if (options.signal.aborted) return;
      // The server answered and said no (gone, signed out): asking again would not change that.
      if (error instanceof ApiError && error.status >= 400 && error.status < 500) throw error;
      if (!(error instanceof ApiError)) throw error;
    }
    if (options.signal.aborted) return;
    options.onConnection?.("lost");
    await pause(waits[Math.min(tries, waits.length - 1)] ?? 1000, options.signal);
    tries += 1;
  }
}

function asApiError(error: unknown, signal: AbortSignal): unknown {
  if (error instanceof ApiError || error instanceof SyntaxError || signal.aborted) return error;
  return offlineError();
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
}

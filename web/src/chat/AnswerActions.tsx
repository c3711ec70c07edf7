/** Below an answer: versions, sources, copy, rate, again, and how long it took. */
import { Check, Copy, PanelRight, RotateCw, ThumbsDown, ThumbsUp } from "lucide-react";
import { useState } from "react";
import type { MessageOut } from "@/api/types";
import { IconButton } from "@/kit/Button";
import { seconds } from "@/kit/format";
import type { Turn } from "./branches";
import { liveAnswers } from "./liveAnswers";
import type { ThreadActions } from "./Thread";
import { VersionSwitch } from "./VersionSwitch";

const COPIED_MILLISECONDS = 1500;

export function AnswerActions({ turn, actions }: { turn: Turn; actions: ThreadActions }) {
  const { message } = turn;
  const rateAs = (rating: 1 | -1) => actions.rate(message.id, message.rating === rating ? null : rating);
  return (
    <div className="mt-2 -ml-2 flex flex-wrap items-center gap-0.5">
      <VersionSwitch turn={turn} onSwitch={actions.show} />
      {message.content && <CopyButton text={message.content} />}
      <IconButton label="Answer again" icon={RotateCw} disabled={actions.busy} onClick={() => actions.regenerate(message.id)} />
      <IconButton label="Good answer" icon={ThumbsUp} aria-pressed={message.rating === 1} onClick={() => rateAs(1)} />
      <IconButton label="Bad answer" icon={ThumbsDown} aria-pressed={message.rating === -1} onClick={() => rateAs(-1)} />
      {message.hits.length > 0 && (
        <button
          type="button"
          onClick={() => actions.openSources(message.id)}
          className="ml-1 inline-flex h-8 items-center gap-1.5 rounded-lg px-2 text-[13px] text-muted hover:bg-hover hover:text-fg"
        >
          <PanelRight aria-hidden size={15} />
          {message.hits.length} passages read
        </button>
      )}
      <Timing message={message} />
    </div>
  );
}

/** Time to the first words as seen here, and in all as the server measured it. */
function Timing({ message }: { message: MessageOut }) {
  const first = liveAnswers.firstWords(message.id) ?? message.seconds.first_text;
  const total = message.seconds.total;
  const parts = [first !== undefined && `${seconds(first)} to the first words`, total !== undefined && `${seconds(total)} in all`].filter(Boolean);
  if (!parts.length) return null;
  const details = Object.entries(message.seconds).map(([name, value]) => `${name}: ${value.toFixed(2)} s`);
  return (
    <span className="ml-2 text-[13px] text-muted" title={[message.model, ...details].filter(Boolean).join("\n")}>
      {parts.join(" · ")}
    </span>
  );
}

export function CopyButton({ text, label = "Copy" }: { text: string; label?: string }) {
  const [state, setState] = useState<"idle" | "copied" | "refused">("idle");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setState("copied");
    } catch {
      setState("refused"); // the browser forbids it: the label says so
    }
    setTimeout(() => setState("idle"), COPIED_MILLISECONDS);
  };
  const words = { idle: label, copied: "Copied", refused: "The browser did not allow copying" };
  return <IconButton label={words[state]} icon={state === "copied" ? Check : Copy} onClick={() => void copy()} />;
}

/** Below an answer: versions, sources, copy, rate, again, and how long it took. */
import PanelRight from "lucide-react/icons/panel-right";
import RotateCw from "lucide-react/icons/rotate-cw";
import ThumbsDown from "lucide-react/icons/thumbs-down";
import ThumbsUp from "lucide-react/icons/thumbs-up";
import type { MessageOut } from "@/api/types";
import { IconButton } from "@/kit/Button";
import { CopyButton } from "@/kit/CopyButton";
import { count, seconds } from "@/kit/format";
import type { Turn } from "./branches";
import { liveAnswers } from "./liveAnswers";
import type { ThreadActions } from "./threadActions";
import { VersionSwitch } from "./VersionSwitch";

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
          {count(message.hits.length, "passage")} read
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

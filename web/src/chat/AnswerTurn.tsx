/** One answer: what is being done, the words, the sources, and what can be done with it. */
import SearchX from "lucide-react/icons/search-x";
import type { HitOut, MessageOut } from "@/api/types";
import { ApiError } from "@/api/client";
import { ErrorNote } from "@/kit/Feedback";
import { flowing, place } from "@/kit/format";
import { AnswerActions } from "./AnswerActions";
import { AnswerText, LiveText } from "./AnswerText";
import type { Turn } from "./branches";
import { useLiveAnswer, type LiveAnswer } from "./liveAnswers";
import { ModeBadge } from "./ModeBadge";
import type { ThreadActions } from "./threadActions";

interface AnswerTurnProps {
  turn: Turn;
  /** What the side panel shows of this answer. */
  selected: { cite: number | null; passage: number | null } | null;
  actions: ThreadActions;
}

export function AnswerTurn({ turn, selected, actions }: AnswerTurnProps) {
  const { message } = turn;
  const live = useLiveAnswer(message.id);
  return (
    <article aria-label="Answer" aria-busy={live ? true : undefined} data-message={message.id}>
      {live ? (
        <LiveBody live={live} model={message.model} />
      ) : message.mode === "not_found" ? (
        <NotFound message={message} actions={actions} selected={selected?.passage ?? null} />
      ) : (
        <FinalBody message={message} selected={selected?.cite ?? null} actions={actions} />
      )}
      {!live && <MessageError message={message} onRetry={() => actions.regenerate(message.id)} />}
      {!(live && !live.error) && <AnswerActions turn={turn} actions={actions} />}
    </article>
  );
}

function FinalBody({ message, selected, actions }: { message: MessageOut; selected: number | null; actions: ThreadActions }) {
  return (
    <>
      {message.mode && !message.error && (
        <div className="mb-3">
          <ModeBadge mode={message.mode} />
        </div>
      )}
      <AnswerText quoted={message.mode === "quote"} text={message.content} citations={message.citations} selected={selected} onCite={(number) => actions.openCitation(message.id, number)} />
      {message.finish_reason === "cancelled" && <p className="mt-2 text-[13px] text-muted">You stopped this answer.</p>}
      {message.finish_reason === "length" && <p className="mt-2 text-[13px] text-muted">The answer was cut at the length limit.</p>}
    </>
  );
}

function MessageError({ message, onRetry }: { message: MessageOut; onRetry: () => void }) {
  if (!message.error) return null;
  return <ErrorNote className="mt-3" error={new ApiError(500, message.error.code, message.error.message, message.error.hint ?? null)} onRetry={onRetry} />;
}

/** Nothing answers the question: said calmly, with what came nearest. */
function NotFound({ message, actions, selected }: { message: MessageOut; actions: ThreadActions; selected: number | null }) {
  const nearest = message.hits.slice(0, 3);
  return (
    <div className="rounded-xl border bg-panel px-5 py-4" data-mode="not_found">
      <p className="flex items-center gap-2.5 text-base font-semibold">
        <SearchX aria-hidden size={18} className="text-muted" />
        Not in your documents
      </p>
      <p className="mt-1 text-muted">No passage answers this, so nothing was made up. Ask in other words, or pick other documents.</p>
      {nearest.length > 0 && (
        <>
          <p className="mt-4 mb-1 text-[13px] font-medium text-muted">What comes nearest</p>
          <ul className="divide-y">
            {nearest.map((hit) => (
              <NearHit key={hit.passage_id} hit={hit} selected={hit.passage_id === selected} onOpen={() => actions.openPassage(message.id, hit.passage_id)} />
            ))}
          </ul>
        </>
      )}
    </div>
  );
}

function NearHit({ hit, selected, onOpen }: { hit: HitOut; selected: boolean; onOpen: () => void }) {
  return (
    <li>
      <button type="button" onClick={onOpen} aria-pressed={selected} className="-mx-2 block w-[calc(100%+16px)] rounded-lg px-2 py-2 text-left hover:bg-hover aria-pressed:bg-hover">
        <span className="flex gap-2 text-[13px] text-muted">
          <span className="truncate">{hit.document}</span>
          {place(hit) && <span className="shrink-0">{place(hit)}</span>}
        </span>
        <span className="line-clamp-2">{flowing(hit.text)}</span>
      </button>
    </li>
  );
}

const doing: Record<string, string> = {
  searching: "Searching your documents",
  reading: "Reading what was found",
  writing: "Writing",
  checking: "Checking each sentence",
  loading: "Loading the model",
  waiting: "Waiting for its turn",
};

function LiveBody({ live, model }: { live: LiveAnswer; model: string | null }) {
  const status = live.lost ? "Connection lost, trying again" : live.status ? (doing[live.status] ?? live.status) : "Starting";
  const found = new Set(live.hits.map((hit) => hit.document_id)).size;
  return (
    <>
      {!live.error && (
        <p className="mb-3 flex items-center gap-2.5 text-muted">
          <span aria-hidden className="size-2 animate-pulse rounded-full bg-accent" />
          {status}
          {live.hits.length > 0 && live.status === "reading" && ` in ${found === 1 ? "1 document" : `${found} documents`}`}
          {live.status === "writing" && model && ` with ${model}`}…
        </p>
      )}
      {live.text && <LiveText text={live.text} />}
      {live.error && <ErrorNote className="mt-3" error={live.error} />}
    </>
  );
}

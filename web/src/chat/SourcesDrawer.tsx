/** Beside an answer: the passages it could use, or the page of one with the passage highlighted. */
import { Link } from "@tanstack/react-router";
import ArrowLeft from "lucide-react/icons/arrow-left";
import ChevronLeft from "lucide-react/icons/chevron-left";
import ChevronRight from "lucide-react/icons/chevron-right";
import ExternalLink from "lucide-react/icons/external-link";
import X from "lucide-react/icons/x";
import { useMemo, type ReactNode } from "react";
import type { HitOut, MessageOut } from "@/api/types";
import { buttonClass, IconButton } from "@/kit/Button";
import { Dialog } from "@/kit/Dialog";
import { count, flowing, place } from "@/kit/format";
import { useWide } from "@/kit/useMedia";
import { bestScores, HitCard } from "@/viewer/HitCard";
import { PageView } from "@/viewer/PageView";
import { openedPlace, type OpenedPlace } from "./openedPlace";
import type { ChatSearch } from "./search";

interface SourcesDrawerProps {
  message: MessageOut;
  hits: readonly HitOut[];
  search: ChatSearch;
  onMove: (search: ChatSearch) => void;
  onClose: () => void;
}

export default function SourcesDrawer(props: SourcesDrawerProps) {
  const wide = useWide();
  const { message, hits, search } = props;
  const opened = useMemo(() => openedPlace(message, hits, search), [message, hits, search]);
  const body = opened ? <OpenPage {...props} opened={opened} /> : <SourceList {...props} />;
  if (wide) {
    return (
      <aside aria-label="Sources" className="flex h-full w-[46%] max-w-[760px] min-w-[380px] shrink-0 flex-col border-l bg-panel">
        {body}
      </aside>
    );
  }
  return (
    <Dialog open onClose={props.onClose} title="Sources" side="right" hideTitle>
      <div className="flex h-dvh flex-col bg-panel">{body}</div>
    </Dialog>
  );
}

/** The first of the ranges that are looked at. */
const strongest = (opened: OpenedPlace) => opened.ranges.find((range) => range.active) ?? opened;

function DrawerBar({ children, onClose }: { children: ReactNode; onClose: () => void }) {
  return (
    <div className="flex h-14 shrink-0 items-center gap-1 border-b px-3">
      {children}
      <IconButton label="Close (Esc)" icon={X} onClick={onClose} />
    </div>
  );
}

function SourceList({ message, hits, onMove, onClose }: SourcesDrawerProps) {
  const best = useMemo(() => bestScores(hits), [hits]);
  const numberOf = (hit: HitOut) => message.citations.find((citation) => citation.passage_id === hit.passage_id)?.number ?? null;
  return (
    <>
      <DrawerBar onClose={onClose}>
        <h2 className="flex-1 px-2 font-semibold">{count(hits.length, "passage")} read for this answer</h2>
      </DrawerBar>
      <ul aria-label="Passages" tabIndex={0} className="min-h-0 flex-1 space-y-2 overflow-y-auto p-4">
        {hits.map((hit) => (
          <HitCard key={hit.passage_id} hit={hit} best={best} tag={numberOf(hit)} selected={false} onOpen={() => onMove({ answer: message.id, passage: hit.passage_id })} />
        ))}
      </ul>
    </>
  );
}

function OpenPage({ message, onMove, onClose, opened }: SourcesDrawerProps & { opened: OpenedPlace }) {
  const numbers = message.citations.map((citation) => citation.number);
  const at = opened.number === null ? -1 : numbers.indexOf(opened.number);
  const step = (by: number) => {
    const next = numbers[at + by];
    if (next !== undefined) onMove({ answer: message.id, cite: next });
  };
  const where = place(opened);
  return (
    <>
      <DrawerBar onClose={onClose}>
        <IconButton label="All passages" icon={ArrowLeft} onClick={() => onMove({ answer: message.id })} />
        <h2 className="min-w-0 flex-1 truncate">
          {opened.number !== null && <span className="mr-2 rounded bg-accent-soft px-1.5 font-semibold text-accent">{opened.number}</span>}
          <span className="font-semibold">{opened.document}</span>
          {where && <span className="ml-2 text-muted">{where}</span>}
        </h2>
        {numbers.length > 1 && at >= 0 && (
          <>
            <IconButton label="Previous source" icon={ChevronLeft} disabled={at === 0} onClick={() => step(-1)} />
            <IconButton label="Next source" icon={ChevronRight} disabled={at === numbers.length - 1} onClick={() => step(1)} />
          </>
        )}
      </DrawerBar>
      <blockquote className="shrink-0 border-b bg-raised px-5 py-3">
        <p className="line-clamp-3 border-l-2 border-accent pl-3">{flowing(opened.quote)}</p>
      </blockquote>
      <div tabIndex={0} role="region" aria-label={`Page of ${opened.document}`} className="min-h-0 flex-1 overflow-y-auto p-4">
        <div className="overflow-hidden rounded-lg border bg-raised">
          <PageView
            documentId={opened.document_id}
            versionId={opened.version_id}
            name={opened.document}
            number={opened.page_number}
            ranges={opened.ranges}
          />
        </div>
      </div>
      <div className="flex shrink-0 justify-end border-t px-4 py-2.5">
        <Link
          to="/documents/$documentId"
          params={{ documentId: opened.document_id }}
          search={{ page: opened.page_number, start: strongest(opened).start, end: strongest(opened).end }}
          className={buttonClass("ghost", true)}
        >
          <ExternalLink aria-hidden size={14} />
          Open the document
        </Link>
      </div>
    </>
  );
}

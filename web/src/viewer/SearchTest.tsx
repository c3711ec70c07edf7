/** Try the search: what is found for a question, in what order, and why. */
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import Search from "lucide-react/icons/search";
import { useEffect, useState } from "react";
import { search } from "@/api/documents";
import type { HitOut } from "@/api/types";
import { IconButton } from "@/kit/Button";
import { cx } from "@/kit/cx";
import { ErrorNote, Skeleton } from "@/kit/Feedback";
import { inputClass } from "@/kit/Field";
import { isTaken, shortcutsOn } from "@/shell/useShortcuts";
import { bestScores, HitCard } from "./HitCard";

interface SearchTestProps {
  collectionId?: string;
  documentId?: string;
  /** What is searched now; it lives in the address. */
  query: string;
  onQuery: (query: string) => void;
  /** Called with the hits whenever they change, for the highlights on the page. */
  onHits?: (hits: readonly HitOut[]) => void;
  /** The hit that is looked at. */
  selectedId?: number | null;
  onSelect?: (hit: HitOut) => void;
}

const HITS = 10;
const noHits: readonly HitOut[] = [];

export function SearchTest({ collectionId, documentId, query, onQuery, onHits, selectedId = null, onSelect }: SearchTestProps) {
  const [text, setText] = useState(query);
  const navigate = useNavigate();
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ["search", collectionId, documentId, query],
    queryFn: () => search({ query, limit: HITS, ...(documentId ? { document_ids: [documentId] } : { collection_ids: collectionId ? [collectionId] : [] }) }),
    enabled: query !== "",
  });
  const hits = (query && data?.hits) || noHits;
  useEffect(() => {
    onHits?.(hits);
  }, [hits, onHits]);
  const open =
    onSelect ??
    ((hit: HitOut) => void navigate({ to: "/documents/$documentId", params: { documentId: hit.document_id }, search: { page: hit.page_number, start: hit.start, end: hit.end, query } }));
  useStepKeys(hits, selectedId, open);
  return (
    <div className="flex h-full min-h-0 flex-col">
      <form
        role="search"
        className="relative shrink-0 border-b p-3"
        onSubmit={(event) => {
          event.preventDefault();
          onQuery(text.trim());
        }}
      >
        <input data-search type="search" aria-label="Question or words to find" placeholder="Question or words to find" className={cx(inputClass, "h-10 pr-10")} value={text} onChange={(event) => setText(event.target.value)} />
        <IconButton label="Search" type="submit" icon={Search} className="absolute top-4 right-4" />
      </form>
      <div role="region" aria-label="Hits" tabIndex={0} className="min-h-0 flex-1 overflow-y-auto p-3">
        {query === "" && <p className="px-1 text-muted">Type a question to see which passages would be read for it, in what order, and why.</p>}
        {error && <ErrorNote error={error} onRetry={() => void refetch()} />}
        {isFetching && !data && <Skeleton lines={6} />}
        {query && data && (
          <p role="status" className="mb-2 px-1 text-[13px] text-muted">
            {data.hits.length ? `${data.hits.length} passages in ${Math.max(1, Math.round(data.seconds * 1000))} ms` : `Nothing here speaks of “${query}”.`}
          </p>
        )}
        <ol className="space-y-2">
          {hits.map((hit, index) => (
            <HitCard key={hit.passage_id} hit={hit} tag={index + 1} best={bestScores(hits)} selected={hit.passage_id === selectedId} hideDocument={Boolean(documentId)} onOpen={() => open(hit)} />
          ))}
        </ol>
      </div>
    </div>
  );
}

/** j and k walk through the hits. */
function useStepKeys(hits: readonly HitOut[], selectedId: number | null, open: (hit: HitOut) => void) {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!shortcutsOn() || isTaken(event) || (event.key !== "j" && event.key !== "k")) return;
      const at = hits.findIndex((hit) => hit.passage_id === selectedId);
      const next = hits[event.key === "j" ? at + 1 : Math.max(0, at - 1)];
      if (next) open(next);
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  });
}

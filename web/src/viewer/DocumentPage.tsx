/** One document: its pages, the extracted text, and a search test with highlights on the page. */
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import ArrowLeft from "lucide-react/icons/arrow-left";
import ChevronLeft from "lucide-react/icons/chevron-left";
import ChevronRight from "lucide-react/icons/chevron-right";
import Download from "lucide-react/icons/download";
import Search from "lucide-react/icons/search";
import { useCallback, useEffect, useMemo, useState } from "react";
import { documentQuery, fileUrl, pageQuery, pagesQuery } from "@/api/documents";
import type { HitOut } from "@/api/types";
import { buttonClass, IconButton } from "@/kit/Button";
import { cx } from "@/kit/cx";
import { ErrorNote, Skeleton } from "@/kit/Feedback";
import { useWide } from "@/kit/useMedia";
import { PageHeader } from "@/shell/PageHeader";
import { isTaken, shortcutsOn } from "@/shell/useShortcuts";
import type { Range } from "./offsets";
import { PageStrip } from "./PageStrip";
import { PageView } from "./PageView";
import { SearchTest } from "./SearchTest";

export interface DocumentSearch {
  page?: number;
  start?: number;
  end?: number;
  view?: "text";
  query?: string;
}

export function DocumentPage() {
  const { documentId = "" } = useParams({ strict: false });
  const search = useSearch({ strict: false }) as DocumentSearch;
  const navigate = useNavigate();
  const wide = useWide();
  const [hits, setHits] = useState<readonly HitOut[]>([]);
  const { data: document, error, refetch } = useQuery(documentQuery(documentId));
  const { data: listing } = useQuery({ ...pagesQuery(documentId, document?.version_id ?? null), enabled: Boolean(document?.version_id) });
  const number = search.page ?? 1;
  const { data: page } = useQuery({ ...pageQuery(documentId, document?.version_id ?? null, number), enabled: Boolean(document?.version_id) });
  const go = useCallback(
    (change: DocumentSearch) => void navigate({ to: "/documents/$documentId", params: { documentId }, search: { ...search, ...change }, replace: true }),
    [navigate, documentId, search],
  );
  const total = listing?.pages.length ?? 0;
  const goToPage = (next: number) => next >= 1 && next <= total && go({ page: next, start: undefined, end: undefined });
  usePageKeys(number, goToPage);
  const ranges = useMemo(() => rangesOn(number, search, hits), [number, search, hits]);
  const marked = useMemo(() => new Set(hits.map((hit) => hit.page_number)), [hits]);
  const selected = hits.find((hit) => hit.page_number === number && hit.start === search.start && hit.end === search.end);
  const pictures = page?.has_picture ?? false;
  return (
    <div className="flex min-w-0 flex-1 flex-col">
      <PageHeader
        title={document?.name ?? "Document"}
        before={
          <Link to="/documents" search={{ collection: document?.collection_id }} aria-label="Back to the documents" title="Back to the documents" className="inline-flex size-8 items-center justify-center rounded-lg text-muted hover:bg-hover hover:text-fg">
            <ArrowLeft aria-hidden size={16} />
          </Link>
        }
        actions={
          <a href={fileUrl(documentId)} download className={cx(buttonClass("plain", true), "max-wide:hidden")}>
            <Download aria-hidden size={14} />
            Original file
          </a>
        }
      />
      {error && !document && (
        <div className="p-6">
          <ErrorNote error={error} onRetry={() => void refetch()} />
        </div>
      )}
      {document && !document.version_id && <NotReadable state={document.state} error={document.error} hint={document.hint} />}
      {document?.version_id && (
        <div className="flex min-h-0 flex-1">
          {listing && total > 1 && <PageStrip documentId={documentId} versionId={document.version_id} listing={listing} current={number} pictures={pictures} marked={marked} onGo={goToPage} />}
          <div className="flex min-w-0 flex-1 flex-col">
            <div className="flex h-12 shrink-0 items-center gap-1 border-b px-3">
              <IconButton label="Previous page ([)" icon={ChevronLeft} disabled={number <= 1} onClick={() => goToPage(number - 1)} />
              <span className="text-muted">
                {listing?.paged === false ? "Part" : "Page"} {number} of {total || "…"}
                {page?.label && ` · ${page.label}`}
              </span>
              <IconButton label="Next page (])" icon={ChevronRight} disabled={number >= total} onClick={() => goToPage(number + 1)} />
              <span className="flex-1" />
              {pictures && <ViewSwitch asText={search.view === "text"} onChange={(asText) => go({ view: asText ? "text" : undefined })} />}
            </div>
            <div role="region" aria-label="Page" tabIndex={0} className="min-h-0 flex-1 overflow-y-auto bg-panel p-4">
              <div className={cx("mx-auto overflow-hidden rounded-lg border bg-raised", pictures && search.view !== "text" ? "max-w-[900px]" : "max-w-[760px]")}>
                {page ? (
                  <PageView documentId={documentId} versionId={document.version_id} name={document.name} number={number} ranges={ranges} asText={search.view === "text"} />
                ) : (
                  <Skeleton lines={12} className="p-6" />
                )}
              </div>
            </div>
          </div>
          {wide && (
            <aside aria-label="Search test" className="w-[360px] shrink-0 border-l bg-panel">
              <SearchTest
                documentId={documentId}
                query={search.query ?? ""}
                onQuery={(query) => go({ query: query || undefined })}
                onHits={setHits}
                selectedId={selected?.passage_id ?? null}
                onSelect={(hit) => go({ page: hit.page_number, start: hit.start, end: hit.end })}
              />
            </aside>
          )}
        </div>
      )}
    </div>
  );
}

/** The hits on this page by number, and the place that the address names. */
function rangesOn(number: number, search: DocumentSearch, hits: readonly HitOut[]): Range[] {
  const ranges: Range[] = hits.flatMap((hit, index) =>
    hit.page_number === number ? [{ start: hit.start, end: hit.end, tag: index + 1, active: hit.start === search.start && hit.end === search.end }] : [],
  );
  if (search.start !== undefined && search.end !== undefined && !ranges.some((range) => range.active)) {
    ranges.push({ start: search.start, end: search.end, active: true });
  }
  return ranges;
}

function usePageKeys(number: number, goToPage: (number: number) => void) {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!shortcutsOn() || isTaken(event)) return;
      if (event.key === "[") goToPage(number - 1);
      if (event.key === "]") goToPage(number + 1);
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  });
}

function ViewSwitch({ asText, onChange }: { asText: boolean; onChange: (asText: boolean) => void }) {
  const choice = (label: string, on: boolean, value: boolean) => (
    <button type="button" aria-pressed={on} onClick={() => onChange(value)} className="h-7 rounded-md px-3 text-[13px] text-muted aria-pressed:bg-raised aria-pressed:font-medium aria-pressed:text-fg">
      {label}
    </button>
  );
  return (
    <div role="group" aria-label="View" className="flex rounded-lg border bg-panel p-0.5">
      {choice("Page", !asText, false)}
      {choice("Extracted text", asText, true)}
    </div>
  );
}

function NotReadable({ state, error, hint }: { state: string; error: string | null; hint: string | null }) {
  if (state === "failed") {
    return (
      <div className="mx-auto max-w-lg px-6 py-16 text-center">
        <p className="text-base font-semibold">{error ?? "This document could not be read."}</p>
        {hint && <p className="mt-1.5 text-muted">{hint}</p>}
      </div>
    );
  }
  return (
    <p role="status" className="mx-auto flex items-center gap-2 py-16 text-muted">
      <Search aria-hidden size={16} /> This document is still being read.
    </p>
  );
}

/** Collections and their documents: add, watch, try the search, delete. */
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import FileText from "lucide-react/icons/file-text";
import Search from "lucide-react/icons/search";
import Upload from "lucide-react/icons/upload";
import { useMemo, useRef, useState } from "react";
import { collectionsQuery, documentsQuery } from "@/api/documents";
import { jobsQuery } from "@/api/work";
import { Button } from "@/kit/Button";
import { Empty, ErrorNote, Skeleton } from "@/kit/Feedback";
import { inputClass } from "@/kit/Field";
import { cx } from "@/kit/cx";
import { PageHeader } from "@/shell/PageHeader";
import { SearchTest } from "@/viewer/SearchTest";
import { CollectionList } from "./CollectionList";
import { DocumentTable } from "./DocumentTable";
import { DropZone } from "./DropZone";
import { UploadList } from "./UploadList";
import { useAddFiles } from "./useAddFiles";
import { useUploads } from "./uploads";

export interface DocumentsSearch {
  collection?: string;
  /** The search test is open, with this question. */
  test?: string;
}

export function DocumentsPage() {
  const search = useSearch({ strict: false }) as DocumentsSearch;
  const navigate = useNavigate();
  const { data: collections } = useQuery(collectionsQuery);
  const current = collections?.find((one) => one.id === search.collection) ?? collections?.[0];
  const { target, add } = useAddFiles(current?.id ?? null);
  const onFiles = async (files: File[]) => {
    const collection = await add(files);
    if (collection && collection.id !== current?.id) void navigate({ to: "/documents", search: { collection: collection.id } });
  };
  const setTest = (test: string | undefined) => void navigate({ to: "/documents", search: { collection: current?.id, test }, replace: true });
  return (
    <>
      <CollectionList currentId={current?.id ?? null} crowded={search.test !== undefined} />
      <DropZone target={target} onFiles={(files) => void onFiles(files)}>
        <div className="flex min-w-0 flex-1 flex-col">
          <PageHeader
            title={current?.name ?? "Documents"}
            actions={
              <>
                {current && current.document_count > 0 && (
                  <Button small icon={Search} aria-pressed={search.test !== undefined} onClick={() => setTest(search.test === undefined ? "" : undefined)} className="max-wide:hidden">
                    Try the search
                  </Button>
                )}
                <AddButton onFiles={(files) => void onFiles(files)} />
              </>
            }
          />
          <div className="flex min-h-0 flex-1">
            <div className="min-w-0 flex-1 overflow-y-auto px-4 py-4 wide:px-6" tabIndex={0} role="region" aria-label="Documents">
              {collections && <CollectionBody collectionId={current?.id ?? null} onFiles={(files) => void onFiles(files)} />}
            </div>
            {current && search.test !== undefined && (
              <aside aria-label="Search test" className="w-[400px] shrink-0 border-l bg-panel max-wide:hidden">
                <SearchTest key={current.id} collectionId={current.id} query={search.test} onQuery={setTest} />
              </aside>
            )}
          </div>
        </div>
      </DropZone>
    </>
  );
}

function CollectionBody({ collectionId, onFiles }: { collectionId: string | null; onFiles: (files: File[]) => void }) {
  const uploads = useUploads().filter((upload) => upload.collectionId === collectionId);
  const [filter, setFilter] = useState("");
  const { data: documents, error, refetch } = useQuery({ ...documentsQuery(collectionId ?? ""), enabled: collectionId !== null });
  const { data: jobs } = useQuery(jobsQuery);
  const shown = useMemo(() => filtered(documents ?? [], filter), [documents, filter]);
  if (error && !documents) return <ErrorNote error={error} onRetry={() => void refetch()} />;
  if (collectionId && !documents) return <Skeleton lines={6} />;
  if (!documents?.length && !uploads.length) {
    return (
      <Empty icon={FileText} title="Drop files or whole folders here" action={<AddButton onFiles={onFiles} primary />}>
        PDF, Word, Excel, PowerPoint, e-mail, web pages, e-books, pictures, archives and plain text. They stay on this machine.
      </Empty>
    );
  }
  return (
    <div className="space-y-4">
      <UploadList uploads={uploads} />
      {(documents?.length ?? 0) > 8 && (
        <input data-search type="search" aria-label="Filter by name" placeholder="Filter by name" className={cx(inputClass, "h-9 max-w-xs")} value={filter} onChange={(event) => setFilter(event.target.value)} />
      )}
      {documents && documents.length > 0 && <DocumentTable documents={shown} jobs={jobs} />}
      {documents && documents.length > 0 && shown.length === 0 && <p className="text-muted">No document is called “{filter}”.</p>}
    </div>
  );
}

/** Newest first, but what came out of an archive stays below it. */
function filtered<T extends { name: string; created: number; id: string; parent_id: string | null }>(documents: readonly T[], filter: string): T[] {
  const wanted = filter.trim().toLowerCase();
  const matching = documents.filter((one) => one.name.toLowerCase().includes(wanted));
  const ids = new Set(matching.map((one) => one.id));
  const tops = matching.filter((one) => !one.parent_id || !ids.has(one.parent_id)).sort((a, b) => b.created - a.created || a.name.localeCompare(b.name));
  return tops.flatMap((top) => [top, ...matching.filter((one) => one.parent_id === top.id).sort((a, b) => a.name.localeCompare(b.name))]);
}

function AddButton({ onFiles, primary = false }: { onFiles: (files: File[]) => void; primary?: boolean }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        data-testid={primary ? "files-first" : "files"}
        onChange={(event) => {
          onFiles([...(event.target.files ?? [])]);
          event.target.value = "";
        }}
      />
      <Button small={!primary} variant="primary" icon={Upload} onClick={() => input.current?.click()}>
        Add files
      </Button>
    </>
  );
}

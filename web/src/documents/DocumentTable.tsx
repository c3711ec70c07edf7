/** The documents of a collection, one row each. */
import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import CornerDownRight from "lucide-react/icons/corner-down-right";
import RotateCw from "lucide-react/icons/rotate-cw";
import Trash2 from "lucide-react/icons/trash-2";
import { useState } from "react";
import { deleteDocument, retryDocument } from "@/api/documents";
import { keys, queryClient } from "@/api/queryClient";
import type { DocumentOut, JobOut } from "@/api/types";
import { Button, IconButton } from "@/kit/Button";
import { Confirm } from "@/kit/Dialog";
import { ErrorNote } from "@/kit/Feedback";
import { size, when } from "@/kit/format";
import { showToast } from "@/kit/toasts";
import { stageOf } from "./stage";
import { StageCell } from "./StageCell";

interface DocumentTableProps {
  documents: readonly DocumentOut[];
  jobs: readonly JobOut[] | undefined;
}

/** So many rows are drawn at first: a table of thousands stays quick. */
const FIRST_ROWS = 200;

export function DocumentTable({ documents, jobs }: DocumentTableProps) {
  const [shown, setShown] = useState(FIRST_ROWS);
  const [erasing, setErasing] = useState<DocumentOut | null>(null);
  return (
    <div className="@container">
      <table className="w-full table-fixed border-collapse">
        <caption className="sr-only">Documents</caption>
        <thead>
          <tr className="border-b text-left text-[13px] text-muted">
            <th className="w-[36%] py-2 font-normal @max-2xl:w-auto">Name</th>
            <th className="py-2 font-normal @max-2xl:hidden">State</th>
            <th className="w-20 py-2 text-right font-normal @max-3xl:hidden">Pages</th>
            <th className="w-24 py-2 text-right font-normal @max-2xl:hidden">Size</th>
            <th className="w-24 py-2 text-right font-normal @max-3xl:hidden">Added</th>
            <th className="w-20 py-2">
              <span className="sr-only">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {documents.slice(0, shown).map((document) => (
            <Row key={document.id} document={document} jobs={jobs} onErase={() => setErasing(document)} />
          ))}
        </tbody>
      </table>
      {documents.length > shown && (
        <div className="py-4 text-center">
          <Button onClick={() => setShown(shown + FIRST_ROWS)}>Show more ({documents.length - shown} left)</Button>
        </div>
      )}
      {erasing && <EraseDocument document={erasing} onClose={() => setErasing(null)} />}
    </div>
  );
}

function Row({ document, jobs, onErase }: { document: DocumentOut; jobs: DocumentTableProps["jobs"]; onErase: () => void }) {
  const stage = stageOf(document, jobs);
  const retry = useMutation({
    mutationFn: () => retryDocument(document.id),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: keys.documents(document.collection_id) }),
    onError: (error) => showToast(error.message, "bad"),
  });
  const readable = document.state === "searchable" || document.version_id !== null;
  return (
    <tr className="border-b align-top hover:bg-panel" data-document={document.name} data-state={document.state}>
      <td className="py-3 pr-4">
        <div className="flex items-start gap-2">
          {document.parent_id && <CornerDownRight aria-label="Out of an archive or mail" size={15} className="mt-0.5 shrink-0 text-muted" />}
          {readable ? (
            <Link to="/documents/$documentId" params={{ documentId: document.id }} className="min-w-0 font-medium break-words hover:text-accent hover:underline" title={document.name}>
              {document.name}
            </Link>
          ) : (
            <span className="min-w-0 font-medium break-words">{document.name}</span>
          )}
        </div>
        <div className="mt-1 @2xl:hidden">
          <StageCell document={document} stage={stage} />
        </div>
      </td>
      <td className="py-3 pr-4 @max-2xl:hidden">
        <StageCell document={document} stage={stage} />
      </td>
      <td className="py-3 text-right text-muted @max-3xl:hidden">{document.state === "searchable" ? document.page_count : ""}</td>
      <td className="py-3 text-right whitespace-nowrap text-muted @max-2xl:hidden">{size(document.size)}</td>
      <td className="py-3 text-right whitespace-nowrap text-muted @max-3xl:hidden">{when(document.created)}</td>
      <td className="py-1.5">
        <div className="flex justify-end">
          {document.state === "failed" && <IconButton label={`Read ${document.name} again`} icon={RotateCw} disabled={retry.isPending} onClick={() => retry.mutate()} />}
          <IconButton label={`Delete ${document.name}`} icon={Trash2} onClick={onErase} />
        </div>
      </td>
    </tr>
  );
}

function EraseDocument({ document, onClose }: { document: DocumentOut; onClose: () => void }) {
  const erase = useMutation({
    mutationFn: () => deleteDocument(document.id),
    onSuccess: () => {
      queryClient.setQueryData<DocumentOut[]>(keys.documents(document.collection_id), (known) => known?.filter((one) => one.id !== document.id && one.parent_id !== document.id));
      // A list that is on its way now may still have it.
      void queryClient.invalidateQueries({ queryKey: keys.documents(document.collection_id) });
      void queryClient.invalidateQueries({ queryKey: keys.collections });
      onClose();
    },
  });
  return (
    <Confirm
      open
      title="Delete this document?"
      description={`“${document.name}”, its text and its vectors will be gone from this machine for good. Citations of it in old answers will no longer open.`}
      action="Delete"
      busy={erase.isPending}
      error={erase.isError && <ErrorNote error={erase.error} className="mb-4" />}
      onConfirm={() => erase.mutate()}
      onClose={onClose}
    />
  );
}

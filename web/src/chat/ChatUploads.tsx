/** Files added from the chat: their progress until they can be asked. */
import { useQuery } from "@tanstack/react-query";
import X from "lucide-react/icons/x";
import { useEffect } from "react";
import { documentQuery } from "@/api/documents";
import { jobsQuery } from "@/api/work";
import { StageCell } from "@/documents/StageCell";
import { stageOf } from "@/documents/stage";
import { UploadList } from "@/documents/UploadList";
import { dismissUpload, type Upload } from "@/documents/uploads";
import { IconButton } from "@/kit/Button";

export default function ChatUploads({ uploads }: { uploads: readonly Upload[] }) {
  const accepted = uploads.filter((upload) => upload.state === "accepted" && upload.documentId);
  return (
    <div className="mb-3 max-h-56 space-y-2 overflow-y-auto">
      <UploadList uploads={uploads} />
      {accepted.length > 0 && (
        <ul aria-label="Files added" className="divide-y rounded-lg border bg-raised">
          {accepted.map((upload) => (
            <AddedFile key={upload.id} upload={upload} />
          ))}
        </ul>
      )}
    </div>
  );
}

/** A file that can be asked leaves the list after this. */
const READY_MILLISECONDS = 5000;

function AddedFile({ upload }: { upload: Upload }) {
  const { data: document } = useQuery(documentQuery(upload.documentId ?? ""));
  const { data: jobs } = useQuery(jobsQuery);
  const ready = document?.state === "searchable";
  useEffect(() => {
    if (!ready) return;
    const timer = setTimeout(() => dismissUpload(upload.id), READY_MILLISECONDS);
    return () => clearTimeout(timer);
  }, [ready, upload.id]);
  return (
    <li className="flex items-start gap-3 py-2 pr-2 pl-4">
      <div className="min-w-0 flex-1">
        <p className="truncate font-medium">{upload.name}</p>
        {document && <StageCell document={document} stage={stageOf(document, jobs)} />}
      </div>
      <IconButton label={`Hide ${upload.name}`} icon={X} onClick={() => dismissUpload(upload.id)} />
    </li>
  );
}

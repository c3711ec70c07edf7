/** Files that are being sent, or that the server refused. */
import CircleAlert from "lucide-react/icons/circle-alert";
import RotateCw from "lucide-react/icons/rotate-cw";
import UploadIcon from "lucide-react/icons/upload";
import X from "lucide-react/icons/x";
import { IconButton } from "@/kit/Button";
import { ProgressBar } from "@/kit/Feedback";
import { size } from "@/kit/format";
import { dismissUpload, retryUpload, type Upload } from "./uploads";

export function UploadList({ uploads }: { uploads: readonly Upload[] }) {
  const shown = uploads.filter((upload) => upload.state !== "accepted");
  if (!shown.length) return null;
  return (
    <ul aria-label="Uploads" className="divide-y rounded-lg border bg-raised">
      {shown.map((upload) => (
        <li key={upload.id} className="flex items-center gap-3 py-2 pr-2 pl-4">
          {upload.state === "refused" ? (
            <CircleAlert aria-hidden size={16} className="shrink-0 text-bad" />
          ) : (
            <UploadIcon aria-hidden size={16} className="shrink-0 text-muted" />
          )}
          <div className="min-w-0 flex-1">
            <p className="flex justify-between gap-3">
              <span className="truncate font-medium">{upload.name}</span>
              {upload.state !== "refused" && (
                <span className="shrink-0 text-[13px] text-muted">
                  {upload.state === "waiting" ? "waiting" : `${size(Math.min(upload.sent, upload.size))} of ${size(upload.size)}`}
                </span>
              )}
            </p>
            {upload.state === "sending" && <ProgressBar done={upload.sent} total={upload.size} label={`Sending ${upload.name}`} />}
            {upload.error && (
              <p role="alert" className="text-[13px] break-words">
                <span className="text-bad">{upload.error.message}</span> <span className="text-muted">{upload.error.hint}</span>
              </p>
            )}
          </div>
          {upload.state === "refused" && (
            <>
              <IconButton label={`Try ${upload.name} again`} icon={RotateCw} onClick={() => retryUpload(upload.id)} />
              <IconButton label={`Dismiss ${upload.name}`} icon={X} onClick={() => dismissUpload(upload.id)} />
            </>
          )}
        </li>
      ))}
    </ul>
  );
}

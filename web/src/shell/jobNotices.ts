/** Tells when a job that ran in the background has ended, where the page does not show that itself. */
import { onJob } from "@/api/feed";
import type { JobOut } from "@/api/types";
import { currentUploads } from "@/documents/uploads";
import { showToast } from "@/kit/toasts";

interface Words {
  done: string;
  failed: string;
  /** Pages that show these jobs. */
  shownOn: readonly string[];
}

const words: Record<string, Words> = {
  ingest: { done: "can be asked now", failed: "could not be read", shownOn: ["/documents", "/jobs"] },
  prepare_data: { done: "is ready to learn from", failed: "could not be prepared", shownOn: ["/data", "/jobs"] },
  pull: { done: "is installed", failed: "could not be installed", shownOn: ["/models", "/jobs", "/setup"] },
};

/** Start announcing; the returned function stops it. */
export function announceJobs(): () => void {
  return onJob((job, before) => {
    const path = window.location.pathname;
    const listedInChat = path.startsWith("/chat") && currentUploads().some((upload) => upload.name === job.subject);
    const text = listedInChat ? null : noticeOf(job, before, path);
    if (text) showToast(text, job.state === "failed" ? "bad" : "good");
  });
}

/** The sentence for a job that has just ended; null when there is nothing to say on this page. */
export function noticeOf(job: JobOut, before: JobOut | undefined, path: string): string | null {
  if (!before || before.state === job.state) return null;
  const word = words[job.kind];
  if (!word || word.shownOn.some((page) => path.startsWith(page))) return null;
  if (job.state === "done") return `${job.subject} ${word.done}.`;
  if (job.state === "failed") return `${job.subject} ${word.failed}${job.error ? `: ${job.error}` : "."}`;
  return null;
}

/** Tells when a job that ran in the background has ended. */
import { onJob } from "@/api/feed";
import type { JobOut } from "@/api/types";
import { showToast } from "@/kit/toasts";

const words: Record<string, { done: string; failed: string }> = {
  ingest: { done: "can be asked now", failed: "could not be read" },
  pull: { done: "is installed", failed: "could not be installed" },
};

/** Start announcing; the returned function stops it. */
export function announceJobs(): () => void {
  return onJob((job, before) => {
    const text = noticeOf(job, before);
    if (text) showToast(text, job.state === "failed" ? "bad" : "good");
  });
}

/** The sentence for a job that has just ended; null when there is nothing to say. */
export function noticeOf(job: JobOut, before: JobOut | undefined): string | null {
  if (!before || before.state === job.state) return null;
  const word = words[job.kind];
  if (!word) return null;
  if (job.state === "done") return `${job.subject} ${word.done}.`;
  if (job.state === "failed") return `${job.subject} ${word.failed}${job.error ? `: ${job.error}` : "."}`;
  return null;
}

/** What jobs are called, and how far they are. */
import type { JobOut } from "@/api/types";
import { seconds, size } from "@/kit/format";

const kinds: Record<string, string> = { ingest: "Read a document", embed: "Make vectors", pull: "Install a model", prepare_data: "Prepare data", apply_edits: "Save edited rows of", fetch_data: "Fetch rows", generate_data: "Make rows:", train: "Train", export_run: "Export" };
export const kindText = (kind: string) => kinds[kind] ?? kind;

const states: Record<JobOut["state"], string> = { queued: "Waiting", running: "Running", done: "Done", failed: "Failed", cancelled: "Cancelled" };
export const stateText = (state: JobOut["state"]) => states[state];

const capital = (text: string) => text.slice(0, 1).toUpperCase() + text.slice(1);

/** "Downloading: 12 MB of 280 MB"; only what was measured. */
export function progressText(job: JobOut): string {
  const progress = job.progress;
  if (!progress) return stateText(job.state);
  if (!progress.done && !progress.total) return capital(progress.stage) || stateText(job.state);
  const amount = (value: number) => (progress.unit === "bytes" ? size(value) : value.toLocaleString("en"));
  const unit = progress.unit === "bytes" ? "" : ` ${progress.unit}`;
  const done = progress.total === null ? `${amount(progress.done)}${unit}` : `${amount(progress.done)} of ${amount(progress.total)}${unit}`;
  return progress.stage ? `${capital(progress.stage)}: ${done}` : done;
}

/** How long it took, or has taken. */
export function durationText(job: JobOut, now = Date.now() / 1000): string {
  if (job.started === null) return "";
  return seconds(Math.max(0, (job.ended ?? now) - job.started));
}

/** How far a document is, in words a person understands. */
import type { DocumentOut, JobOut } from "@/api/types";
import { isRunning } from "@/api/work";
import { count } from "@/kit/format";

export interface Stage {
  kind: "waiting" | "working" | "ready" | "failed";
  text: string;
  /** Measured progress of the stage; absent where nothing is measured. */
  progress: { done: number; total: number } | null;
}

const stageWords: Record<string, string> = { reading: "Reading", indexing: "Making searchable" };

/** `jobs` are all that are known; the one that works on this document now tells how far it is. */
export function stageOf(document: DocumentOut, jobs: readonly JobOut[] | undefined): Stage {
  switch (document.state) {
    case "failed":
      return { kind: "failed", text: document.error ?? "It could not be read.", progress: null };
    case "queued":
      return { kind: "waiting", text: "Waiting to be read", progress: null };
    case "parsing":
      return parsing(jobs?.find((job) => job.kind === "ingest" && isRunning(job) && job.subject === document.name));
    case "searchable":
      return searchable(document, jobs?.some((job) => job.kind === "embed" && isRunning(job)) ?? false);
  }
}

function parsing(job: JobOut | undefined): Stage {
  const progress = job?.progress;
  if (!progress) return { kind: "working", text: "Reading", progress: null };
  // While an archive is read, the stage is the file inside of it.
  const word = stageWords[progress.stage] ?? (progress.stage ? `Reading ${progress.stage}` : "Reading");
  if (!progress.total) return { kind: "working", text: progress.done ? `${word}: ${progress.done} ${progress.unit}` : word, progress: null };
  return { kind: "working", text: `${word}: ${progress.done} of ${progress.total} ${progress.unit}`, progress: { done: progress.done, total: progress.total } };
}

function searchable(document: DocumentOut, embedding: boolean): Stage {
  if (!document.passage_count) return { kind: "ready", text: "No text found", progress: null };
  if (document.embedded < document.passage_count) {
    // Without an embedding model nothing is on its way: search by words is all there is.
    if (!embedding && !document.embedded) return { kind: "ready", text: "Searchable by words", progress: null };
    const progress = { done: document.embedded, total: document.passage_count };
    return { kind: "ready", text: `Searchable by words; by meaning: ${progress.done} of ${count(progress.total, "passage")}`, progress: embedding ? progress : null };
  }
  return { kind: "ready", text: "Searchable", progress: null };
}

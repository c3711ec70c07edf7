/** The live feed of this person's jobs and documents: it keeps the cache true and knows whether the server is there. */
import { ApiError } from "./client";
import { followEvents, type ServerEvent } from "./events";
import { keys, queryClient } from "./queryClient";
import { tellReadings } from "./reading";
import type { DocumentOut, JobOut } from "./types";

export type Connection = "open" | "lost";
type JobListener = (job: JobOut, before: JobOut | undefined) => void;

let connection: Connection = "open";
const watchers = new Set<() => void>();
const jobListeners = new Set<JobListener>();

export const connectionState = () => connection;
export function watchConnection(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

/** Call `listener` for each job that changes. */
export function onJob(listener: JobListener): () => void {
  jobListeners.add(listener);
  return () => jobListeners.delete(listener);
}

/** Follow the feed until the signal aborts. */
export async function followFeed(signal: AbortSignal): Promise<void> {
  let lost = false;
  const onConnection = (state: Connection) => {
    if (state === "open") {
      setConnection("open");
      // What changed meanwhile was not told to us, so everything is read again.
      if (lost) void queryClient.invalidateQueries();
    } else if (lost) {
      // One quiet reconnect is normal (a proxy's time limit); only a second failure in a row is worth a banner.
      setConnection("lost");
    }
    lost = state === "lost";
  };
  try {
    for await (const event of followEvents("/api/events", { signal, onConnection })) applyEvent(event);
  } catch (error) {
    // Signed out or forbidden: the status query shows the sign-in page.
    if (error instanceof ApiError) void queryClient.invalidateQueries({ queryKey: keys.status });
    else throw error;
  }
}

/** Write one event into the cache. */
export function applyEvent(event: ServerEvent): void {
  if (event.event === "job") applyJob(event.data as JobOut);
  if (event.event === "document") applyDocument(event.data as DocumentOut);
}

function applyJob(job: JobOut): void {
  let before: JobOut | undefined;
  tellReadings(keys.jobs, job);
  queryClient.setQueryData<JobOut[]>(keys.jobs, (jobs) => {
    if (!jobs) return jobs;
    before = jobs.find((known) => known.id === job.id);
    return before ? jobs.map((known) => (known.id === job.id ? job : known)) : [job, ...jobs];
  });
  if (before && before.state !== job.state && job.kind === "pull") void queryClient.invalidateQueries({ queryKey: keys.models });
  for (const listener of jobListeners) listener(job, before);
}

function applyDocument(document: DocumentOut): void {
  tellReadings(keys.document(document.id), document);
  tellReadings(keys.documents(document.collection_id), document);
  queryClient.setQueryData<DocumentOut>(keys.document(document.id), document);
  queryClient.setQueryData<DocumentOut[]>(keys.documents(document.collection_id), (documents) => {
    if (!documents) return documents;
    const known = documents.some((one) => one.id === document.id);
    return known ? documents.map((one) => (one.id === document.id ? document : one)) : [document, ...documents];
  });
  countSoon();
}

/** Many documents change while many files are read; their counts are asked for once in a while. */
const COUNT_MILLISECONDS = 1000;
let counting = false;
function countSoon(): void {
  if (counting) return;
  counting = true;
  setTimeout(() => {
    counting = false;
    void queryClient.invalidateQueries({ queryKey: keys.collections });
  }, COUNT_MILLISECONDS);
}

function setConnection(state: Connection): void {
  if (state === connection) return;
  connection = state;
  for (const watcher of watchers) watcher();
}

/** Files on their way to the server: two at a time, each with its own progress, going on when the page changes. */
import { useSyncExternalStore } from "react";
import { parseError, requestHeaders } from "@/api/client";
import { keys, queryClient } from "@/api/queryClient";
import type { DocumentOut, UploadAnswer } from "@/api/types";

export interface Upload {
  id: number;
  name: string;
  size: number;
  sent: number;
  collectionId: string;
  state: "waiting" | "sending" | "accepted" | "refused";
  error: { message: string; hint: string | null } | null;
  documentId: string | null;
}

const AT_ONCE = 2;
let uploads: readonly Upload[] = [];
let nextId = 1;
const files = new Map<number, File>();
const watchers = new Set<() => void>();

function change(next: readonly Upload[]): void {
  uploads = next;
  for (const watcher of watchers) watcher();
}
const update = (id: number, part: Partial<Upload>) => change(uploads.map((one) => (one.id === id ? { ...one, ...part } : one)));

export const currentUploads = () => uploads;
export const useUploads = () =>
  useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => uploads,
  );

/** Queue files for a collection. */
export function addUploads(collectionId: string, chosen: readonly File[]): void {
  const added = chosen.map((file): Upload => {
    const id = nextId++;
    files.set(id, file);
    // A file out of a dropped folder keeps its path, so that two of one name stay apart.
    const name = file.webkitRelativePath || file.name;
    return { id, name, size: file.size, sent: 0, collectionId, state: "waiting", error: null, documentId: null };
  });
  change([...uploads, ...added]);
  startNext();
}

/** Take an upload off the list. */
export function dismissUpload(id: number): void {
  files.delete(id);
  change(uploads.filter((one) => one.id !== id));
}

export function retryUpload(id: number): void {
  update(id, { state: "waiting", error: null, sent: 0 });
  startNext();
}

function startNext(): void {
  const sending = uploads.filter((one) => one.state === "sending").length;
  for (const upload of uploads.filter((one) => one.state === "waiting").slice(0, AT_ONCE - sending)) void send(upload);
}

async function send(upload: Upload): Promise<void> {
  const file = files.get(upload.id);
  if (!file) return;
  update(upload.id, { state: "sending" });
  try {
    const answer = await post(upload, file);
    const refused = answer.errors[0];
    const accepted = answer.documents[0]?.document;
    if (refused) update(upload.id, { state: "refused", error: refused });
    else {
      update(upload.id, { state: "accepted", documentId: accepted?.id ?? null });
      files.delete(upload.id);
      if (accepted) rememberDocument(accepted);
    }
  } catch (error) {
    const { message, hint = null } = error as { message: string; hint?: string | null };
    update(upload.id, { state: "refused", error: { message, hint } });
  }
  startNext();
}

function rememberDocument(document: DocumentOut): void {
  queryClient.setQueryData<DocumentOut[]>(keys.documents(document.collection_id), (known) =>
    known ? [document, ...known.filter((one) => one.id !== document.id)] : known,
  );
  // The feed may have told more about it in the meantime.
  void queryClient.invalidateQueries({ queryKey: keys.documents(document.collection_id) });
  void queryClient.invalidateQueries({ queryKey: keys.collections });
}

/** fetch cannot say how much was sent; XMLHttpRequest can. */
function post(upload: Upload, file: File): Promise<UploadAnswer> {
  return new Promise((resolve, reject) => {
    const call = new XMLHttpRequest();
    call.open("POST", `/api/collections/${upload.collectionId}/documents`);
    for (const [name, value] of Object.entries(requestHeaders)) call.setRequestHeader(name, value);
    call.upload.onprogress = (event) => update(upload.id, { sent: event.loaded });
    call.onload = () => {
      if (call.status >= 200 && call.status < 300) resolve(JSON.parse(call.responseText) as UploadAnswer);
      else reject(parseError(call.responseText, call.status));
    };
    call.onerror = () => reject(parseError(JSON.stringify({ error: { message: "The file was not sent: Headwater does not answer.", hint: "Check that the server runs, then try again." } }), 0));
    const form = new FormData();
    form.append("file", file, upload.name);
    call.send(form);
  });
}

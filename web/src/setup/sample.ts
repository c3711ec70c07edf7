/** A short guide to Headwater that comes with it: something to ask before any own file is there. */
import { createCollection, collectionsQuery } from "@/api/documents";
import { keys, queryClient } from "@/api/queryClient";
import type { CollectionOut } from "@/api/types";
import { addUploads } from "@/documents/uploads";

export const SAMPLE_COLLECTION = "Sample";
export const SAMPLE_FILE = "A short guide to Headwater.pdf";
export const SAMPLE_QUESTIONS = [
  "Does anything leave my machine?",
  "Which kinds of files can I add?",
  "What happens when the documents do not answer?",
  "Who won the chess championship in 1972?",
] as const;

/** Put the guide into a collection of its own. */
export async function addSample(): Promise<CollectionOut> {
  const response = await fetch("/sample/guide.pdf");
  if (!response.ok) throw new Error(`The sample is missing from this installation (${response.status}).`);
  const file = new File([await response.blob()], SAMPLE_FILE, { type: "application/pdf" });
  const known = await queryClient.fetchQuery({ ...collectionsQuery, staleTime: 0 });
  const collection = known.find((one) => one.name === SAMPLE_COLLECTION) ?? (await createCollection(SAMPLE_COLLECTION));
  await queryClient.invalidateQueries({ queryKey: keys.collections });
  addUploads(collection.id, [file]);
  return collection;
}

/** The place in a document that a chat's address points to. */
import type { CitationOut, HitOut, MessageOut } from "@/api/types";
import type { ChatSearch } from "./search";

export interface OpenedPlace extends Omit<CitationOut, "number"> {
  /** The number of its citation; null for a passage that the answer does not cite. */
  number: number | null;
}

export function openedPlace(message: MessageOut, hits: readonly HitOut[], search: ChatSearch): OpenedPlace | null {
  if (search.cite !== undefined) {
    const citation = message.citations.find((one) => one.number === search.cite);
    if (citation) return citation;
  }
  const hit = search.passage === undefined ? undefined : hits.find((one) => one.passage_id === search.passage);
  return hit ? { ...hit, number: null, quote: hit.text } : null;
}

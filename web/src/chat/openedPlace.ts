/** The place in a document that a chat's address points to. */
import type { CitationOut, HitOut, MessageOut } from "@/api/types";
import type { Range } from "@/viewer/offsets";
import { onPage, quotedSpans } from "./quotedRanges";
import type { ChatSearch } from "./search";

export interface OpenedPlace extends Omit<CitationOut, "number"> {
  /** The number of its citation; null for a passage that the answer does not cite. */
  number: number | null;
  /** What to highlight: the quoted sentences strongly with their passage around them, or the passage. */
  ranges: Range[];
}

export function openedPlace(message: MessageOut, hits: readonly HitOut[], search: ChatSearch): OpenedPlace | null {
  if (search.cite !== undefined) {
    const citation = message.citations.find((one) => one.number === search.cite);
    if (citation) return openedCitation(message.content, citation);
  }
  const hit = search.passage === undefined ? undefined : hits.find((one) => one.passage_id === search.passage);
  return hit ? { ...hit, number: null, quote: hit.text, ranges: [{ start: hit.start, end: hit.end, active: true }] } : null;
}

function openedCitation(content: string, citation: CitationOut): OpenedPlace {
  const spans = quotedSpans(content, citation);
  const passage = { start: citation.start, end: citation.end };
  if (!spans.length) return { ...citation, ranges: [{ ...passage, active: true }] };
  const quote = spans.map((span) => citation.quote.slice(span.from, span.to)).join(" … ");
  return { ...citation, quote, ranges: [passage, ...spans.map((span) => ({ ...onPage(span, citation), active: true }))] };
}

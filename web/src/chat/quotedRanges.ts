/** Where in its passage a citation's sentences stand: a passage is long, what was quoted of it is a line or two. */
import type { CitationOut } from "@/api/types";

export interface Span {
  /** In UTF-16 units of the passage's text. */
  from: number;
  to: number;
}

const MARK = /\[(\d{1,3})\]/g;
/** Sentences shorter than this could stand anywhere. */
const FEWEST_WORDS = 2;
const BEFORE_CHARACTERS = 110;

/** The pieces of an answer that carry the mark [number]. */
export function sentencesWith(content: string, number: number): string[] {
  const pieces: string[] = [];
  let begin = 0;
  for (const mark of content.matchAll(MARK)) {
    const piece = content.slice(begin, mark.index).trim();
    begin = mark.index + mark[0].length;
    if (Number(mark[1]) === number && piece) pieces.push(piece);
  }
  return pieces;
}

/** Find a sentence in a passage whose lines may break elsewhere; null when it is not there word for word. */
export function locate(sentence: string, passage: string): Span | null {
  const words = sentence.replace(/^[>\s]+/, "").split(/\s+/).filter(Boolean);
  if (words.length < FEWEST_WORDS) return null;
  const pattern = words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("\\s+");
  const found = new RegExp(pattern, "u").exec(passage);
  return found && { from: found.index, to: found.index + found[0].length };
}

/** The spans of the passage that the answer quotes under this citation's number. */
export function quotedSpans(content: string, citation: CitationOut): Span[] {
  return sentencesWith(content, citation.number).flatMap((sentence) => locate(sentence, citation.quote) ?? []);
}

/** A span as a range of its page, in code points as the server counts them. */
export function onPage(span: Span, citation: CitationOut): { start: number; end: number } {
  const points = (units: number) => citation.start + Array.from(citation.quote.slice(0, units)).length;
  return { start: points(span.from), end: points(span.to) };
}

/** The passage from a little before its first quoted words. */
export function excerpt(citation: CitationOut, spans: readonly Span[]): string {
  const first = Math.min(...spans.map((span) => span.from));
  if (!spans.length || first <= BEFORE_CHARACTERS) return citation.quote;
  const near = citation.quote.indexOf(" ", first - BEFORE_CHARACTERS);
  return `… ${citation.quote.slice(near < 0 || near > first ? first : near + 1)}`;
}

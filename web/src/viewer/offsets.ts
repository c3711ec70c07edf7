/** Ranges come in Unicode code points (as Python counts); JavaScript strings count UTF-16 units. */

export interface Range {
  start: number;
  end: number;
  /** The number the range is called by, beside it and in the list. */
  tag?: number;
  /** The one that is looked at. */
  active?: boolean;
}

export interface Segment {
  text: string;
  /** Null for plain text between the ranges. */
  range: Range | null;
}

const SURROGATE = /[\uD800-\uDFFF]/;

/** Where each code point offset lies in the string; the identity when every character is one unit. */
export function unitOffsets(text: string): (point: number) => number {
  if (!SURROGATE.test(text)) return (point) => Math.min(point, text.length);
  const starts: number[] = [];
  let unit = 0;
  for (const character of text) {
    starts.push(unit);
    unit += character.length;
  }
  starts.push(unit);
  return (point) => starts[Math.min(point, starts.length - 1)] ?? text.length;
}

/** Cut the text at the ranges. Where two overlap, the active one wins, then the earlier. */
export function segments(text: string, ranges: readonly Range[]): Segment[] {
  const unit = unitOffsets(text);
  const wanted = [...ranges].sort((a, b) => Number(b.active ?? false) - Number(a.active ?? false) || a.start - b.start);
  const taken: { from: number; to: number; range: Range }[] = [];
  for (const range of wanted) {
    const from = unit(range.start);
    const to = unit(range.end);
    if (from < to && taken.every((other) => to <= other.from || from >= other.to)) taken.push({ from, to, range });
  }
  taken.sort((a, b) => a.from - b.from);
  const result: Segment[] = [];
  let at = 0;
  for (const { from, to, range } of taken) {
    if (from > at) result.push({ text: text.slice(at, from), range: null });
    result.push({ text: text.slice(from, to), range });
    at = to;
  }
  if (at < text.length) result.push({ text: text.slice(at), range: null });
  return result;
}

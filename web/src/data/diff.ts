/** What changed between two texts, in words: for marking it. */
export interface Piece {
  kind: "same" | "gone" | "new";
  text: string;
}

/** Longer texts are compared line by line, or the table of comparisons would not end. */
const MOST_WORDS = 1500;

/** The pieces of both texts in reading order; all "same" and "new" pieces joined are `after`. */
export function diff(before: string, after: string): Piece[] {
  if (before === after) return after ? [{ kind: "same", text: after }] : [];
  const words = [split(before, /(\s+)/), split(after, /(\s+)/)] as const;
  const long = words[0].length * words[1].length > MOST_WORDS * MOST_WORDS;
  return long ? around(before, after) : compare(words[0], words[1]);
}

const split = (text: string, by: RegExp) => text.split(by).filter(Boolean);

function compare(before: string[], after: string[]): Piece[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start += 1;
  let end = 0;
  while (end < before.length - start && end < after.length - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end += 1;
  const inner = subsequence(before.slice(start, before.length - end), after.slice(start, after.length - end));
  return joined([...same(before.slice(0, start)), ...inner, ...same(before.slice(before.length - end))]);
}
const same = (words: readonly string[]): Piece[] => words.map((text) => ({ kind: "same", text }));

/** The longest common subsequence, by the table of lengths. */
function subsequence(before: string[], after: string[]): Piece[] {
  const width = after.length + 1;
  const lengths = new Uint16Array((before.length + 1) * width);
  const at = (row: number, column: number) => lengths[row * width + column] ?? 0;
  for (let row = before.length - 1; row >= 0; row -= 1)
    for (let column = after.length - 1; column >= 0; column -= 1)
      lengths[row * width + column] = before[row] === after[column] ? at(row + 1, column + 1) + 1 : Math.max(at(row + 1, column), at(row, column + 1));
  const pieces: Piece[] = [];
  let row = 0;
  let column = 0;
  while (row < before.length || column < after.length) {
    if (row < before.length && column < after.length && before[row] === after[column]) {
      pieces.push({ kind: "same", text: before[row] ?? "" });
      row += 1;
      column += 1;
    } else if (row < before.length && (column === after.length || at(row + 1, column) >= at(row, column + 1))) {
      pieces.push({ kind: "gone", text: before[row] ?? "" });
      row += 1;
    } else {
      pieces.push({ kind: "new", text: after[column] ?? "" });
      column += 1;
    }
  }
  return pieces;
}

/** One piece of change between the equal beginnings and ends. */
function around(before: string, after: string): Piece[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start += 1;
  let end = 0;
  while (end < before.length - start && end < after.length - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end += 1;
  const pieces: Piece[] = [
    { kind: "same", text: before.slice(0, start) },
    { kind: "gone", text: before.slice(start, before.length - end) },
    { kind: "new", text: after.slice(start, after.length - end) },
    { kind: "same", text: before.slice(before.length - end) },
  ];
  return pieces.filter((piece) => piece.text);
}

function joined(pieces: readonly Piece[]): Piece[] {
  const out: Piece[] = [];
  for (const piece of pieces) {
    const last = out.at(-1);
    if (last?.kind === piece.kind) last.text += piece.text;
    else out.push({ ...piece });
  }
  return out;
}

/** Two distributions with different edges on one scale. */
export interface Lies {
  edges: readonly number[];
  counts: readonly number[];
  rows: number;
}

export const scaleOf = (one: Lies, other: Lies): [number, number] => [Math.min(one.edges[0] ?? 0, other.edges[0] ?? 0), Math.max(one.edges.at(-1) ?? 1, other.edges.at(-1) ?? 1)];

/** Shares of the rows in `bins` equal parts of the scale; a bar that spans several parts is spread over them evenly. */
export function rebinned(lies: Lies, low: number, high: number, bins: number): number[] {
  const shares = new Array<number>(bins).fill(0);
  const width = (high - low) / bins || 1;
  lies.counts.forEach((count, at) => {
    const from = lies.edges[at] ?? low;
    const size = (lies.edges[at + 1] ?? high) - from || width;
    for (let bin = 0; bin < bins; bin++) {
      const start = low + bin * width;
      const shared = Math.min(from + size, start + width) - Math.max(from, start);
      if (shared > 0) shares[bin] = (shares[bin] ?? 0) + ((count / Math.max(1, lies.rows)) * shared) / size;
    }
  });
  return shares;
}

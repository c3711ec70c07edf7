/** The bars of the waterfall: how many rows are left behind each step. */
import type { StepCountOut } from "@/api/data";

export interface Bar {
  place: number;
  title: string;
  rowsIn: number;
  rowsOut: number;
  dropped: number;
  changed: number;
  added: number;
  /** Shares of the widest moment, 0 to 1. */
  kept: number;
  lost: number;
  reasons: [string, number][];
}

/** One bar for each step; widths are shares of the most rows there ever are. */
export function barsOf(steps: readonly StepCountOut[], rows: number): Bar[] {
  const most = Math.max(1, rows, ...steps.map((step) => Math.max(step.rows_in, step.rows_out)));
  return steps.map((step) => ({
    place: step.place,
    title: step.title,
    rowsIn: step.rows_in,
    rowsOut: step.rows_out,
    dropped: step.dropped,
    changed: step.changed,
    added: step.added,
    kept: step.rows_out / most,
    lost: step.dropped / most,
    reasons: Object.entries(step.reasons),
  }));
}

/** The rows that go all the way. */
export const keptOf = (steps: readonly StepCountOut[], rows: number): number => steps.at(-1)?.rows_out ?? rows;

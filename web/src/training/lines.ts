/** Lines over steps, laid side by side as the chart wants them. */
import type { AlignedData } from "uplot";

export interface Line {
  label: string;
  points: readonly (readonly [number, number])[];
  /** Few points, such as validations, are marked. */
  dots?: boolean;
}

/** One column of steps, and for each line its value there or nothing. */
export function aligned(lines: readonly Line[]): AlignedData {
  const steps = [...new Set(lines.flatMap((line) => line.points.map(([step]) => step)))].sort((a, b) => a - b);
  const columns = lines.map((line) => {
    const at = new Map(line.points.map(([step, value]) => [step, value]));
    return steps.map((step) => at.get(step) ?? null);
  });
  return [steps, ...columns] as AlignedData;
}

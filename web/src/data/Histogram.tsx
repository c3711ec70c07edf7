/** How values lie: bars, with what a threshold leaves out in another colour. Its numbers can be shown as a table. */
import { useId, useState } from "react";
import { cx } from "@/kit/cx";
import { numberText } from "./words";

interface HistogramProps {
  edges: readonly number[];
  counts: readonly number[];
  label: string;
  /** Values outside are left out. */
  minimum?: number | null;
  maximum?: number | null;
  height?: number;
  unit?: string;
}

export function Histogram({ edges, counts, label, minimum = null, maximum = null, height = 48, unit = "" }: HistogramProps) {
  const most = Math.max(1, ...counts);
  const isOut = (index: number) => {
    const middle = ((edges[index] ?? 0) + (edges[index + 1] ?? 0)) / 2;
    return (minimum !== null && middle < minimum) || (maximum !== null && middle > maximum);
  };
  return (
    <div role="img" aria-label={label}>
      <div className="flex items-end gap-px" style={{ height }}>
        {counts.map((count, index) => (
          <div
            key={index}
            title={`${numberText(edges[index] ?? 0)} to ${numberText(edges[index + 1] ?? 0)} ${unit}: ${count.toLocaleString("en")} rows`}
            className={cx("flex-1 rounded-t-[2px]", isOut(index) ? "bg-bad opacity-60" : "bg-accent opacity-80")}
            style={{ height: count ? `${Math.max(4, (count / most) * 100)}%` : 0 }}
          />
        ))}
      </div>
      <div className="flex justify-between border-t border-line-strong pt-1 text-[12px] text-muted">
        <span>{numberText(edges[0] ?? 0)}</span>
        <span>
          {numberText(edges.at(-1) ?? 0)} {unit}
        </span>
      </div>
    </div>
  );
}

/** The same numbers for people who read a table better. */
export function HistogramTable({ edges, counts, label }: { edges: readonly number[]; counts: readonly number[]; label: string }) {
  const [open, setOpen] = useState(false);
  const id = useId();
  return (
    <>
      <button type="button" className="text-[13px] text-accent hover:underline" aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>
        {open ? "Hide the table" : "Show as table"}
      </button>
      <div id={id} hidden={!open} className="mt-2 max-h-48 overflow-y-auto rounded-lg border" tabIndex={0} role="region" aria-label={`${label}, as a table`}>
        <table className="w-full text-[13px]">
          <tbody>
            {counts.map((count, index) => (
              <tr key={index} className="border-b last:border-0">
                <td className="px-3 py-1 text-muted">
                  {numberText(edges[index] ?? 0)} to {numberText(edges[index + 1] ?? 0)}
                </td>
                <td className="px-3 py-1 text-right">{count.toLocaleString("en")} rows</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

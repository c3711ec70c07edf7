/** Where rows go: one bar a step, what it drops in red, each reason a button that shows those rows. */
import { cx } from "@/kit/cx";
import { count } from "@/kit/format";
import type { StepCountOut } from "@/api/data";
import { barsOf, type Bar } from "./waterfall";

export interface ReasonAt {
  place: number;
  reason: string;
}

interface WaterfallProps {
  steps: readonly StepCountOut[];
  rows: number;
  bad: number;
  chosen?: ReasonAt | null;
  /** Without it, reasons are words and no buttons. */
  onChoose?: (reason: ReasonAt | null) => void;
}

export function Waterfall({ steps, rows, bad, chosen = null, onChoose }: WaterfallProps) {
  const read = rows - bad;
  const bars = barsOf(steps, rows);
  const kept = steps.at(-1)?.rows_out ?? read;
  return (
    <ol aria-label="What each step does" className="space-y-0.5">
      <Line title="Read" out={read} kept={read / Math.max(1, rows)} lost={bad / Math.max(1, rows)} note={bad ? `${count(bad, "row")} cannot be read` : "all rows can be read"} />
      {bars.map((bar) => (
        <Line key={bar.place} title={bar.title} out={bar.rowsOut} kept={bar.kept} lost={bar.lost} note={noteOf(bar)}>
          {bar.reasons.map(([reason, dropped]) => {
            const on = chosen?.place === bar.place && chosen.reason === reason;
            const text = `−${dropped.toLocaleString("en")} ${reason}`;
            if (!onChoose)
              return (
                <span key={reason} className="px-2 text-bad">
                  {text}
                </span>
              );
            return (
              <button
                key={reason}
                type="button"
                aria-pressed={on}
                title="Show these rows below"
                onClick={() => onChoose(on ? null : { place: bar.place, reason })}
                className={cx("min-h-6 rounded-full px-2 text-[13px] text-bad", on ? "bg-bad-soft font-medium" : "hover:bg-bad-soft")}
              >
                {text}
              </button>
            );
          })}
        </Line>
      ))}
      <Line title="Left to learn from" out={kept} kept={kept / Math.max(1, rows)} lost={0} strong />
    </ol>
  );
}

const noteOf = (bar: Bar) =>
  [bar.changed ? `${count(bar.changed, "row")} changed` : "", bar.added ? `${count(bar.added, "row")} added` : ""].filter(Boolean).join(", ");

interface LineProps {
  title: string;
  out: number;
  kept: number;
  lost: number;
  note?: string;
  strong?: boolean;
  children?: React.ReactNode;
}

function Line({ title, out, kept, lost, note = "", strong = false, children }: LineProps) {
  return (
    <li className={cx("grid grid-cols-[minmax(92px,132px)_minmax(0,1fr)_56px] items-center gap-x-3 py-0.5", strong && "border-t pt-1.5 font-semibold")}>
      <span className="truncate" title={title}>
        {title}
      </span>
      <span aria-hidden className="flex h-4 items-stretch overflow-hidden rounded-[3px]">
        <span className={cx("transition-[width] duration-150", strong ? "bg-good" : "bg-accent opacity-75")} style={{ width: `${kept * 100}%` }} />
        <span className="bg-bad transition-[width] duration-150" style={{ width: `${lost * 100}%` }} />
      </span>
      <span className="text-right" data-rows={title}>
        {out.toLocaleString("en")}
      </span>
      {(note || children) && (
        <span className="col-start-2 col-end-4 flex flex-wrap items-center gap-x-1.5 text-[13px] font-normal text-muted">
          {children}
          {note && <span className="px-2">{note}</span>}
        </span>
      )}
    </li>
  );
}

/** Rows of the sample with their changes marked: what stays, what is dropped and why. */
import { useState } from "react";
import type { PreviewOut, PreviewRowOut, TextOut } from "@/api/data";
import { Badge } from "@/kit/Feedback";
import { cx } from "@/kit/cx";
import { Diff } from "./Diff";
import type { ReasonAt } from "./Waterfall";
import { fieldText, valueText } from "./words";

type Shown = "all" | "changed" | "dropped" | "kept";
const tabs: readonly { id: Shown; text: string }[] = [
  { id: "all", text: "All" },
  { id: "changed", text: "Changed" },
  { id: "dropped", text: "Dropped" },
  { id: "kept", text: "Kept" },
];
const FIRST = 12;

interface SampleRowsProps {
  preview: PreviewOut;
  chosen: ReasonAt | null;
  onChoose: (reason: ReasonAt | null) => void;
}

export function SampleRows({ preview, chosen, onChoose }: SampleRowsProps) {
  const [shown, setShown] = useState<Shown>("all");
  const [most, setMost] = useState(FIRST);
  const rows = preview.samples.filter((row) => (chosen ? isOf(row, chosen) : isShown(row, shown)));
  return (
    <section aria-label="Rows of the sample">
      <div className="mb-2 flex flex-wrap items-center gap-1" role="group" aria-label="Which rows">
        {tabs.map((tab) => (
          <button
            key={tab.id}
            type="button"
            aria-pressed={!chosen && shown === tab.id}
            onClick={() => {
              onChoose(null);
              setShown(tab.id);
              setMost(FIRST);
            }}
            className={cx("h-7 rounded-full px-3 text-[13px]", !chosen && shown === tab.id ? "bg-accent-soft font-medium text-accent" : "text-muted hover:bg-hover hover:text-fg")}
          >
            {tab.text}
          </button>
        ))}
        {chosen && (
          <button type="button" onClick={() => onChoose(null)} className="h-7 rounded-full bg-bad-soft px-3 text-[13px] font-medium text-bad">
            {chosen.reason} ✕<span className="sr-only"> show all rows again</span>
          </button>
        )}
      </div>
      {rows.length === 0 && <p className="py-6 text-center text-muted">{emptyText(shown)}</p>}
      <ul className="space-y-2">
        {rows.slice(0, most).map((row) => (
          <SampleRow key={row.number} row={row} />
        ))}
      </ul>
      {rows.length > most && (
        <button type="button" className="mt-2 text-[13px] text-accent hover:underline" onClick={() => setMost(most + 24)}>
          Show more ({rows.length - most})
        </button>
      )}
    </section>
  );
}

const isOf = (row: PreviewRowOut, chosen: ReasonAt) => row.dropped?.place === chosen.place && row.dropped.reason === chosen.reason;
const isShown = (row: PreviewRowOut, shown: Shown) =>
  shown === "all" || (shown === "dropped" ? row.dropped !== null : row.dropped === null && (shown === "kept" || row.changes.length > 0));
const emptyText = (shown: Shown) => ({ all: "No rows to show.", changed: "No step changes a row.", dropped: "No step drops a row.", kept: "No row is left." })[shown];

function SampleRow({ row }: { row: PreviewRowOut }) {
  const paired = row.before.length === row.after.length && row.before.every((text, index) => text.field === row.after[index]?.field);
  const steps = [...new Set(row.changes.map((change) => change.step))];
  return (
    <li className={cx("rounded-lg border bg-raised px-3 py-2", row.dropped && "border-dashed")} data-sample={row.id} data-dropped={row.dropped?.reason}>
      <div className="mb-1 flex flex-wrap items-center gap-2 text-[13px] text-muted">
        <span className="min-w-0 truncate">
          {row.file} · row {row.row}
        </span>
        {row.dropped && (
          <Badge tone="bad">
            {row.dropped.reason}
            {row.dropped.value !== null && ` (${valueText(row.dropped.value)})`}
          </Badge>
        )}
        {!row.dropped && steps.length > 0 && <Badge tone="accent">changed by {steps.map((step) => step.replaceAll("_", " ")).join(", ")}</Badge>}
      </div>
      <dl className="space-y-1">{paired ? row.after.map((text, index) => <Pair key={index} text={text} before={row.before[index]} />) : row.after.map((text, index) => <Pair key={index} text={text} before={undefined} />)}</dl>
      {!paired && <p className="mt-1 text-[13px] text-muted">The parts of this row were put together anew.</p>}
    </li>
  );
}

function Pair({ text, before }: { text: TextOut; before: TextOut | undefined }) {
  return (
    <div>
      <dt className="text-[12px] text-muted">{fieldText(text.field)}</dt>
      <dd>
        <Diff before={before?.text ?? text.text} after={text.text} />
      </dd>
    </div>
  );
}

/** The right half of the page: what the recipe does to a sample, now. */
import Eye from "lucide-react/icons/eye";
import { useState } from "react";
import { Empty, ErrorNote, Skeleton } from "@/kit/Feedback";
import { count } from "@/kit/format";
import { SampleRows } from "./SampleRows";
import type { Look } from "./usePreview";
import { Waterfall, type ReasonAt } from "./Waterfall";
import { keptOf } from "./waterfall";

export function PreviewPanel({ look, waiting }: { look: Look; waiting: string | null }) {
  const [chosen, setChosen] = useState<ReasonAt | null>(null);
  const { preview, steps, stale, error, retry } = look;
  if (waiting)
    return (
      <Empty icon={Eye} title="Here you will see your rows">
        {waiting} Then a sample goes through every step, with what changes marked.
      </Empty>
    );
  if (error) return <ErrorNote error={error} onRetry={retry} />;
  if (!preview) return <Skeleton lines={8} />;
  const kept = keptOf(steps, preview.rows - preview.bad);
  return (
    <div className="space-y-5">
      <section aria-label="Where rows go">
        <div className="mb-2 flex items-baseline justify-between gap-3">
          <h2 className="font-semibold">Where rows go</h2>
          <p role="status" className="text-[13px] text-muted" data-testid="kept">
            {kept.toLocaleString("en")} of {count(preview.rows, "row")} {preview.rows === 1 ? "stays" : "stay"}
          </p>
        </div>
        <div aria-busy={stale}>
          <Waterfall steps={steps} rows={preview.rows} bad={preview.bad} chosen={chosen} onChoose={setChosen} />
        </div>
        <p className="mt-1 text-[13px] text-muted">Counted on the first rows of each file. Nothing is written until you prepare the data.</p>
      </section>
      <BadRows look={look} />
      <SampleRows preview={preview} chosen={chosen} onChoose={setChosen} />
    </div>
  );
}

function BadRows({ look }: { look: Look }) {
  const bad = look.preview?.bad_rows ?? [];
  if (!bad.length) return null;
  return (
    <details className="rounded-lg border border-warn bg-warn-soft px-3 py-2">
      <summary className="font-medium text-warn">{count(look.preview?.bad ?? 0, "row")} cannot be read</summary>
      <p className="mt-1 text-[13px]">They are set aside and named; the others go on.</p>
      <ul className="mt-2 max-h-56 space-y-1 overflow-y-auto text-[13px]" tabIndex={0} aria-label="Rows that cannot be read">
        {bad.map((row, index) => (
          <li key={index} className="break-words">
            <span className="font-medium">
              {row.file}, row {row.row}:
            </span>{" "}
            {row.reason}
          </li>
        ))}
      </ul>
    </details>
  );
}

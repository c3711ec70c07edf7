/** What came out: the ledger of the run, the rows, the files, and the way to training. */
import { useQuery } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import CircleCheck from "lucide-react/icons/circle-check";
import GraduationCap from "lucide-react/icons/graduation-cap";
import Table2 from "lucide-react/icons/table-2";
import { useState } from "react";
import { reportQuery, type CatalogueOut, type DatasetOut, type StepCountOut } from "@/api/data";
import { buttonClass } from "@/kit/Button";
import { Empty, ErrorNote, Skeleton } from "@/kit/Feedback";
import { count, seconds } from "@/kit/format";
import { cx } from "@/kit/cx";
import { Comparison } from "./Comparison";
import { DroppedRows } from "./DroppedRows";
import { Downloads } from "./Downloads";
import { RowsTable } from "./RowsTable";
import { Thresholds } from "./Thresholds";
import type { Draft } from "./useDraft";
import { Waterfall, type ReasonAt } from "./Waterfall";

type Tab = "ledger" | "thresholds" | "compare" | "rows" | "files";
const tabs: readonly { id: Tab; text: string }[] = [
  { id: "ledger", text: "What happened" },
  { id: "thresholds", text: "Thresholds" },
  { id: "compare", text: "Compare" },
  { id: "rows", text: "Rows" },
  { id: "files", text: "Download" },
];

export function ResultStage({ dataset, catalogue, draft }: { dataset: DatasetOut; catalogue: CatalogueOut; draft: Draft }) {
  const [tab, setTab] = useState<Tab>("ledger");
  const { summary } = dataset;
  if (!summary)
    return (
      <div className="mx-auto max-w-3xl space-y-4">
        {dataset.error && <ErrorNote error={new Error(`${dataset.error} ${dataset.hint ?? ""}`)} />}
        <Empty icon={Table2} title={dataset.state === "preparing" ? "Your data is being prepared" : "Nothing is prepared yet"}>
          {dataset.state === "preparing" ? "The result appears here by itself." : "Press “Prepare data”. Every row is then accounted for: kept, changed or dropped, with the reason."}
        </Empty>
      </div>
    );
  return (
    <div className="mx-auto max-w-5xl space-y-5">
      {dataset.error && <ErrorNote error={new Error(`The last run failed: ${dataset.error} ${dataset.hint ?? ""} What the run before it made is still here.`)} />}
      <div className="flex flex-wrap items-center gap-4 rounded-xl border bg-raised px-5 py-4">
        <CircleCheck aria-hidden size={28} className="shrink-0 text-good" />
        <div className="min-w-0 flex-1 basis-56">
          <p className="text-base font-semibold" data-testid="result">
            {count(summary.rows_out, "row")} ready to learn from
          </p>
          <p className="text-muted">
            {summary.rows_in.toLocaleString("en")} read{summary.rows_added > 0 && ` + ${summary.rows_added.toLocaleString("en")} added`}, {summary.rows_dropped.toLocaleString("en")} dropped, {summary.rows_quarantined.toLocaleString("en")} unreadable
            {summary.not_relevant > 0 && `, ${summary.not_relevant.toLocaleString("en")} left out by you`}, in {seconds(summary.seconds)}.{summary.balanced && " Every row is accounted for."}
          </p>
        </div>
        <TrainLink name={dataset.name} />
      </div>
      {dataset.changed && <p className="rounded-lg bg-warn-soft px-4 py-2 text-warn">The recipe has changed since. Prepare the data again to use it; edits to rows are then made anew.</p>}
      <div role="group" aria-label="Parts of the result" className="flex gap-1 overflow-x-auto border-b">
        {tabs.map((one) => (
          <button
            key={one.id}
            type="button"
            aria-pressed={tab === one.id}
            onClick={() => setTab(one.id)}
            className={cx("-mb-px shrink-0 border-b-2 px-3 py-2 font-medium whitespace-nowrap", tab === one.id ? "border-accent text-fg" : "border-transparent text-muted hover:text-fg")}
          >
            {one.text}
          </button>
        ))}
      </div>
      {tab === "ledger" && <Ledger dataset={dataset} catalogue={catalogue} />}
      {tab === "thresholds" && <Thresholds key={dataset.prepared} dataset={dataset} catalogue={catalogue} draft={draft} />}
      {tab === "compare" && <Comparison dataset={dataset} catalogue={catalogue} />}
      {tab === "rows" && <RowsTable dataset={dataset} />}
      {tab === "files" && <Downloads dataset={dataset} catalogue={catalogue} />}
    </div>
  );
}

function TrainLink({ name }: { name: string }) {
  const router = useRouter();
  const href = `/train?dataset=${encodeURIComponent(name)}`;
  return (
    <a
      href={href}
      className={buttonClass("primary")}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        router.history.push(href);
      }}
    >
      <GraduationCap aria-hidden size={16} />
      Train on this
    </a>
  );
}

interface Report {
  steps: { name: string; in: number; out: number; dropped: number; changed: number; added?: number; reasons: Record<string, number> }[];
  quarantined_reasons: Record<string, number>;
}

function Ledger({ dataset, catalogue }: { dataset: DatasetOut; catalogue: CatalogueOut }) {
  const [chosen, setChosen] = useState<ReasonAt | null>(null);
  const { data, error, refetch } = useQuery(reportQuery(dataset.id, dataset.prepared));
  if (error) return <ErrorNote error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton lines={6} />;
  const report = data as unknown as Report;
  const steps = report.steps.map(
    (step, place): StepCountOut => ({
      place,
      name: step.name,
      title: catalogue.steps.find((one) => one.name === step.name)?.title ?? step.name,
      rows_in: step.in,
      rows_out: step.out,
      dropped: step.dropped,
      changed: step.changed,
      added: step.added ?? 0,
      reasons: step.reasons,
    }),
  );
  const unreadable = Object.entries(report.quarantined_reasons);
  return (
    <div className="space-y-5">
      <section aria-label="Ledger">
        <Waterfall steps={steps} rows={dataset.summary?.rows_in ?? 0} bad={dataset.summary?.rows_quarantined ?? 0} chosen={chosen} onChoose={setChosen} />
      </section>
      {unreadable.length > 0 && (
        <p className="text-[13px] text-muted">
          Unreadable: {unreadable.map(([reason, rows]) => `${rows.toLocaleString("en")} ${reason}`).join(", ")}. Each is named in quarantine.jsonl, under Download.
        </p>
      )}
      {chosen ? <DroppedRows dataset={dataset} chosen={chosen} /> : <p className="text-[13px] text-muted">Choose a reason above to read the rows that were dropped for it.</p>}
    </div>
  );
}

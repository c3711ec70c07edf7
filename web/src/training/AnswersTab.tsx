/** Validation rows answered by the model as it was: what was expected beside what it wrote, sorted by score. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { samplesQuery, type AnsweredRow, type RunDetail } from "@/api/training";
import { Badge, ErrorNote, Skeleton } from "@/kit/Feedback";
import { inputClass } from "@/kit/Field";
import { cx } from "@/kit/cx";
import { figure, lowerIsBetter, metricText } from "./words";

export function AnswersTab({ run }: { run: RunDetail }) {
  const [step, setStep] = useState<number | null>(null);
  const [by, setBy] = useState("loss");
  const [worst, setWorst] = useState(true);
  const samples = useQuery({ ...samplesQuery(run.name, step), placeholderData: keepPreviousData });
  if (samples.error) return <ErrorNote error={samples.error} onRetry={() => void samples.refetch()} />;
  if (!samples.data) return <Skeleton lines={6} />;
  const { rows, steps } = samples.data;
  if (!rows.length) return <p className="text-muted">Answers are written at each validation. There was none yet, or “Samples” is 0.</p>;
  const scores = ["loss", ...new Set(rows.flatMap((row) => Object.keys(row.scores)))];
  const chosen = scores.includes(by) ? by : "loss";
  const sorted = sortRows(rows, chosen, worst);
  return (
    <div className="space-y-4">
      <div className="flex flex-wrap items-end gap-3">
        <Pick label="Written after step" value={String(samples.data.step ?? "")} options={[...steps].reverse().map((one) => [String(one), String(one)])} onChange={(value) => setStep(Number(value))} />
        <Pick label="Sorted by" value={chosen} options={scores.map((name) => [name, name === "loss" ? "Loss of the row" : metricText(name)])} onChange={setBy} />
        <Pick label="First" value={worst ? "worst" : "best"} options={[["worst", "Worst"], ["best", "Best"]]} onChange={(value) => setWorst(value === "worst")} />
      </div>
      <ol className="space-y-3" aria-label="Answers">
        {sorted.map((row) => (
          <Answered key={row.row} row={row} />
        ))}
      </ol>
    </div>
  );
}

export function sortRows(rows: readonly AnsweredRow[], by: string, worst: boolean): AnsweredRow[] {
  const value = (row: AnsweredRow) => (by === "loss" ? row.loss : row.scores[by]) ?? null;
  const lowFirst = lowerIsBetter(by) !== worst;
  return [...rows].sort((a, b) => {
    const [one, other] = [value(a), value(b)];
    if (one === null || other === null) return Number(one === null) - Number(other === null);
    return lowFirst ? one - other : other - one;
  });
}

function Answered({ row }: { row: AnsweredRow }) {
  return (
    <li className="rounded-xl border bg-raised">
      <div className="flex flex-wrap items-center gap-2 border-b px-4 py-2 text-[13px]">
        {row.loss !== null && <Badge>Loss {figure(row.loss)}</Badge>}
        {Object.entries(row.scores).map(([name, value]) => (
          <Badge key={name}>
            {metricText(name)} {figure(value)}
          </Badge>
        ))}
        {!row.stopped && <Badge tone="warn">did not stop by itself</Badge>}
      </div>
      <details className="px-4 pt-2">
        <summary className="text-[13px] text-muted">Prompt</summary>
        <p className="mt-1 rounded-lg bg-panel px-3 py-2 font-mono text-[13px] break-words whitespace-pre-wrap">{row.prompt}</p>
      </details>
      <div className="grid grid-cols-1 gap-4 px-4 py-3 wide:grid-cols-2">
        <div>
          <p className="text-[13px] text-muted">Expected</p>
          <p className="break-words whitespace-pre-wrap">{row.expected}</p>
        </div>
        <div>
          <p className="text-[13px] text-muted">It wrote</p>
          <p className="break-words whitespace-pre-wrap">{row.answer || <em className="text-muted">nothing</em>}</p>
        </div>
      </div>
    </li>
  );
}

interface PickProps {
  label: string;
  value: string;
  options: readonly (readonly [string, string])[];
  onChange: (value: string) => void;
}

function Pick({ label, value, options, onChange }: PickProps) {
  return (
    <label className="text-[13px] text-muted">
      {label}
      <select className={cx(inputClass, "mt-0.5 block h-9 min-w-28 text-[14px]")} value={value} onChange={(event) => onChange(event.target.value)}>
        {options.map(([name, text]) => (
          <option key={name} value={name}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

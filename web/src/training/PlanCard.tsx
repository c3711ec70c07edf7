/** What a run will take, told before it starts and again whenever a setting changes. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import CircleCheck from "lucide-react/icons/circle-check";
import TriangleAlert from "lucide-react/icons/triangle-alert";
import { planQuery, type PlanOut, type Values } from "@/api/training";
import { cx } from "@/kit/cx";
import { ErrorNote, Skeleton } from "@/kit/Feedback";
import { size } from "@/kit/format";
import { longSeconds, partText } from "./words";

interface PlanCardProps {
  /** null: there are no rows yet. */
  config: Values | null;
  gpu: string | null;
  threads: number;
}

export function PlanCard({ config, gpu, threads }: PlanCardProps) {
  const plan = useQuery({ ...planQuery(config ?? {}), enabled: config !== null, placeholderData: keepPreviousData });
  return (
    <section aria-label="Plan" className="rounded-xl border bg-raised px-4 py-4">
      <div className="mb-3 flex flex-wrap items-baseline justify-between gap-2">
        <h2 className="font-semibold">Plan</h2>
        <span className="text-[13px] text-muted">{gpu ?? `on the CPU, ${threads} ${threads === 1 ? "thread" : "threads"}`}</span>
      </div>
      {config === null && <p className="text-muted">Choose rows, and you see here what the run will take.</p>}
      {config !== null && plan.isPending && <Skeleton lines={4} />}
      {config !== null && plan.error && <ErrorNote error={plan.error} className="whitespace-pre-line" />}
      {config !== null && !plan.error && plan.data && <Told plan={plan.data} old={plan.isPlaceholderData} />}
    </section>
  );
}

function Told({ plan, old }: { plan: PlanOut; old: boolean }) {
  const Icon = plan.fits ? CircleCheck : TriangleAlert;
  const parts = Object.entries(plan.parts).filter(([, bytes]) => bytes > 0);
  return (
    <div className={cx("space-y-3", old && "opacity-60")}>
      <p className="flex items-start gap-2">
        <Icon aria-hidden size={16} className={cx("mt-0.5 shrink-0", plan.fits ? "text-good" : "text-warn")} />
        <span>{plan.sentence}</span>
      </p>
      {plan.advice.length > 0 && (
        <ul className="list-disc pl-5 text-[13px]">
          {plan.advice.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
      <dl className="grid grid-cols-2 gap-x-4 gap-y-2 text-[13px]">
        <Fact name="Memory" value={size(plan.peak_bytes)} />
        <Fact name="Disk" value={size(plan.disk_bytes)} />
        {plan.seconds !== null && <Fact name="Time, about" value={longSeconds(plan.seconds)} />}
        {plan.steps !== null && <Fact name="Steps" value={plan.steps.toLocaleString("en")} />}
        {plan.micro_tokens !== null && <Fact name="Tokens at once" value={plan.micro_tokens.toLocaleString("en")} />}
      </dl>
      {parts.length > 0 && <Parts parts={parts} total={parts.reduce((sum, [, bytes]) => sum + bytes, 0)} />}
    </div>
  );
}

export function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt className="text-muted">{name}</dt>
      <dd className="font-medium">{value}</dd>
    </div>
  );
}

function Parts({ parts, total }: { parts: readonly (readonly [string, number])[]; total: number }) {
  return (
    <details>
      <summary className="text-[13px] text-accent">What the memory is for</summary>
      <ul className="mt-2 space-y-1.5 text-[13px]">
        {parts.map(([name, bytes]) => (
          <li key={name} className="grid grid-cols-[minmax(0,1fr)_80px_72px] items-center gap-2">
            <span className="truncate">{partText(name)}</span>
            <span aria-hidden className="h-1.5 rounded-full bg-hover">
              <span className="block h-full rounded-full bg-accent" style={{ width: `${(bytes / total) * 100}%` }} />
            </span>
            <span className="text-right">{size(bytes)}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}

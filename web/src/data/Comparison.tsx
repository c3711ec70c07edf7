/** The last run beside another one: what came out, what each step did, which options differ, how the rows lie. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { compareQuery, datasetsQuery, type CatalogueOut, type ComparedOut, type DatasetOut } from "@/api/data";
import { ErrorNote, Skeleton } from "@/kit/Feedback";
import { SelectField } from "@/kit/Field";
import { cx } from "@/kit/cx";
import { rebinned, scaleOf } from "./rebin";
import { numberText } from "./words";

const BEFORE = "before";
const BINS = 28;
const totals: Record<string, string> = { rows_in: "Rows read", rows_out: "Rows that stay", rows_dropped: "Rows dropped", rows_quarantined: "Rows unreadable" };

export function Comparison({ dataset, catalogue }: { dataset: DatasetOut; catalogue: CatalogueOut }) {
  const { data: all = [] } = useQuery(datasetsQuery);
  const others = all.filter((one) => one.prepared !== null && one.id !== dataset.id);
  const [chosen, setChosen] = useState(BEFORE);
  const { data, error } = useQuery(compareQuery(dataset.id, dataset.prepared, chosen === BEFORE ? null : chosen));
  const other = chosen === BEFORE ? "Run before" : (others.find((one) => one.id === chosen)?.name ?? "");
  return (
    <div className="space-y-5">
      <SelectField
        className="max-w-sm"
        label="Compare with"
        value={chosen}
        options={[{ value: BEFORE, label: "The run before this one" }, ...others.map((one) => ({ value: one.id, label: `Data set: ${one.name}` }))]}
        onChange={(event) => setChosen(event.target.value)}
      />
      {error && <ErrorNote error={error} />}
      {!data && !error && <Skeleton lines={6} />}
      {data && !error && <Sides found={data} other={other} catalogue={catalogue} />}
    </div>
  );
}

function Sides({ found, other, catalogue }: { found: ComparedOut; other: string; catalogue: CatalogueOut }) {
  const title = (name: string) => catalogue.steps.find((one) => one.name === name)?.title ?? name;
  const different = found.histograms.filter(isDifferent);
  const alike = found.histograms.filter((one) => !isDifferent(one));
  return (
    <div className="space-y-6" data-testid="comparison">
      {found.same && <p className="rounded-lg bg-good-soft px-4 py-2">No count differs.</p>}
      <Table label="What came out" head={["", other, "This run", "Difference"]}>
        {found.totals.map((one) => (
          <Row key={one.name} name={totals[one.name] ?? one.name} before={one.before} after={one.after} strong={one.name === "rows_out"} />
        ))}
      </Table>
      {found.options.length > 0 && (
        <section aria-label="Options that differ">
          <h3 className="mb-1 font-semibold">Options that differ</h3>
          <ul className="space-y-0.5">
            {found.options.map((one) => (
              <li key={`${one.step}.${one.option}`}>
                <span className="text-muted">
                  {title(one.step)}, {one.option.replaceAll("_", " ")}:
                </span>{" "}
                {valueOf(one.before)} → {valueOf(one.after)}
              </li>
            ))}
          </ul>
        </section>
      )}
      <Table label="Rows that each step dropped" head={["Step", other, "This run", "Difference"]}>
        {found.steps.map((step, at) => (
          <Row key={at} name={title(step.name)} before={step.before?.dropped ?? null} after={step.after?.dropped ?? null} note={reasons(step)} />
        ))}
      </Table>
      {different.length > 0 && (
        <section aria-label="How the rows that stayed lie">
          <h3 className="font-semibold">How the rows that stayed lie</h3>
          <p className="mb-3 flex flex-wrap gap-x-4 text-[13px] text-muted">
            <Key className="bg-line-strong">{other}</Key>
            <Key className="bg-accent">This run</Key>
          </p>
          <ul className="grid gap-x-8 gap-y-5 wide:grid-cols-2">
            {different.map((one, at) => (
              <Pair key={at} one={one} title={nameOf(one, title)} other={other} />
            ))}
          </ul>
        </section>
      )}
      {alike.length > 0 && <p className="text-[13px] text-muted">The rows that stayed lie alike by {alike.map((one) => nameOf(one, title)).join("; ")}.</p>}
    </div>
  );
}

function Key({ className, children }: { className: string; children: React.ReactNode }) {
  return (
    <span className="inline-flex items-center gap-1.5">
      <span aria-hidden className={cx("size-2.5 rounded-[2px]", className)} />
      {children}
    </span>
  );
}

function Table({ label, head, children }: { label: string; head: readonly string[]; children: React.ReactNode }) {
  return (
    <div className="overflow-x-auto rounded-xl border bg-raised" tabIndex={0} role="region" aria-label={label}>
      <table className="w-full">
        <thead>
          <tr className="border-b text-left text-[13px] text-muted">
            {head.map((text, at) => (
              <th key={at} className={cx("px-2 py-2 font-medium wide:px-4", at > 0 && "max-w-40 truncate text-right")} title={text}>
                {text || <span className="sr-only">What</span>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

interface RowProps {
  name: string;
  before: number | null;
  after: number | null;
  note?: string;
  strong?: boolean;
}

function Row({ name, before, after, note, strong = false }: RowProps) {
  const change = before === null || after === null ? null : after - before;
  return (
    <tr className={cx("border-b last:border-0", strong && "font-semibold")} data-compared={name}>
      <td className="px-2 py-1.5 wide:px-4">
        {name}
        {note && <span className="block text-[13px] text-muted">{note}</span>}
      </td>
      <Cell value={before} />
      <Cell value={after} />
      <td className="px-2 py-1.5 wide:px-4 text-right">{change === null ? "" : change === 0 ? <span className="text-muted">same</span> : `${change > 0 ? "+" : "−"}${Math.abs(change).toLocaleString("en")}`}</td>
    </tr>
  );
}

const Cell = ({ value }: { value: number | null }) => <td className="px-2 py-1.5 wide:px-4 text-right">{value === null ? <span className="text-muted">no such step</span> : value.toLocaleString("en")}</td>;

function Pair({ one, title, other }: { one: ComparedOut["histograms"][number]; title: string; other: string }) {
  const [low, high] = scaleOf(one.before, one.after);
  const [before, after] = [rebinned(one.before, low, high, BINS), rebinned(one.after, low, high, BINS)];
  const most = Math.max(...before, ...after) || 1;
  return (
    <li>
      <p className="mb-1">{title}</p>
      <div role="img" aria-label={`${title}. ${other}: mean ${numberText(one.before.mean)}; this run: mean ${numberText(one.after.mean)}`}>
        <div className="flex h-20 items-end gap-[2px]">
          {after.map((share, at) => (
            <span key={at} className="flex h-full flex-1 items-end">
              <span className="w-1/2 rounded-t-[2px] bg-line-strong" style={{ height: `${((before[at] ?? 0) / most) * 100}%` }} />
              <span className="w-1/2 rounded-t-[2px] bg-accent" style={{ height: `${(share / most) * 100}%` }} />
            </span>
          ))}
        </div>
        <div className="flex justify-between border-t border-line-strong pt-1 text-[12px] text-muted">
          <span>{numberText(low)}</span>
          <span>{numberText(high)}</span>
        </div>
      </div>
    </li>
  );
}

type Measure = ComparedOut["histograms"][number];
const nameOf = (one: Measure, title: (name: string) => string) => `${title(one.step)}, ${one.statistic.replaceAll("_", " ")}`;

/** Whether more than one row in fifty lies elsewhere. */
function isDifferent(one: Measure): boolean {
  const [low, high] = scaleOf(one.before, one.after);
  const after = rebinned(one.after, low, high, BINS);
  return rebinned(one.before, low, high, BINS).reduce((sum, share, at) => sum + Math.abs(share - (after[at] ?? 0)), 0) / 2 > 0.02;
}

/** Reasons whose counts differ. */
function reasons(step: ComparedOut["steps"][number]): string {
  if (!step.before || !step.after) return "";
  const [old, now] = [step.before.reasons, step.after.reasons];
  const names = [...new Set([...Object.keys(now), ...Object.keys(old)])].filter((name) => (old[name] ?? 0) !== (now[name] ?? 0));
  return names.map((name) => `${name}: ${(old[name] ?? 0).toLocaleString("en")} → ${(now[name] ?? 0).toLocaleString("en")}`).join(", ");
}

function valueOf(value: unknown): string {
  if (value === null || value === undefined) return "off";
  if (typeof value === "number") return numberText(value);
  if (Array.isArray(value)) return value.length ? value.map(String).join(", ") : "none";
  return typeof value === "string" ? value : typeof value === "boolean" ? (value ? "yes" : "no") : JSON.stringify(value);
}

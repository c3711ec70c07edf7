/** Several runs together: their curves in one picture, and in what their configs differ. */
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import ArrowLeft from "lucide-react/icons/arrow-left";
import { compareQuery, type CompareOut } from "@/api/training";
import { Badge, ErrorNote, Skeleton } from "@/kit/Feedback";
import { PageHeader } from "@/shell/PageHeader";
import { Chart, type Line } from "./Chart";
import { byBest } from "./TrainPage";
import { useLiveRuns } from "./useLive";
import { figure, isLive, metricText, stateTexts, stateTones } from "./words";

export interface CompareSearch {
  runs?: string;
}
const route = getRouteApi("/app/train/compare");
const LOOK_MILLISECONDS = 3000;

export function ComparePage() {
  const { runs = "" } = route.useSearch();
  const names = runs.split(",").filter(Boolean);
  const { data, error, refetch } = useQuery({
    ...compareQuery(names),
    refetchInterval: (query) => (query.state.data?.curves.some((curve) => isLive(curve.run.state)) ? LOOK_MILLISECONDS : false),
  });
  useLiveRuns();
  return (
    <div className="flex min-w-0 flex-1 flex-col">
      <PageHeader
        title="Compare runs"
        before={
          <Link to="/train" aria-label="All runs" className="icon-button">
            <ArrowLeft aria-hidden size={16} />
          </Link>
        }
      />
      <div role="region" aria-label="Compared runs" tabIndex={0} className="min-h-0 flex-1 overflow-y-auto px-4 py-6 wide:px-6">
        <div className="mx-auto max-w-5xl space-y-8">
          {names.length === 0 && <p className="text-muted">Tick runs in the list and press Compare.</p>}
          {error && !data && <ErrorNote error={error} onRetry={() => void refetch()} />}
          {names.length > 0 && !data && !error && <Skeleton lines={8} />}
          {data && <Compared data={data} />}
        </div>
      </div>
    </div>
  );
}

function Compared({ data }: { data: CompareOut }) {
  const metrics = [...new Set(data.curves.flatMap((curve) => curve.metrics.validation.flatMap((row) => Object.keys(row))))].filter((name) => name !== "step");
  const train: Line[] = data.curves.map((curve) => ({ label: curve.run.name, points: curve.metrics.train.map((point) => [point.step, point.loss] as const) }));
  const rates: Line[] = data.curves.map((curve) => ({ label: curve.run.name, points: curve.metrics.train.map((point) => [point.step, point.lr] as const) }));
  return (
    <>
      <Board data={data} />
      <section aria-label="Curves" className="grid grid-cols-1 gap-4 min-[900px]:grid-cols-2">
        <Chart title="Training loss" sync="compare" lines={train} />
        {metrics.map((name) => (
          <Chart key={name} title={metricText(name)} sync="compare" lines={data.curves.map((curve) => ({ label: curve.run.name, dots: true, points: curve.metrics.validation.flatMap((row) => (row[name] === undefined || row.step === undefined ? [] : [[row.step, row[name]] as const])) }))} />
        ))}
        <Chart title="Learning rate" sync="compare" lines={rates} />
      </section>
      <Differences data={data} />
    </>
  );
}

/** The runs in the order of their best validation. */
function Board({ data }: { data: CompareOut }) {
  return (
    <section aria-label="Leaderboard">
      <h2 className="mb-2 font-semibold">Leaderboard</h2>
      <ol className="divide-y rounded-xl border bg-raised">
        {byBest(data.curves.map((curve) => curve.run)).map((run, index) => (
          <li key={run.name} className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2.5">
            <span className="w-5 text-muted">{run.best ? index + 1 : "–"}</span>
            <span className="min-w-0 flex-1 basis-44">
              <Link to="/train/$runName" params={{ runName: run.name }} search={{}} className="font-medium hover:text-accent hover:underline">
                {run.name}
              </Link>
              {run.differs && <span className="block truncate text-[13px] text-muted">{run.differs}</span>}
            </span>
            <span className="text-[13px]">{run.best ? `${metricText(run.best.metric)} ${figure(run.best.value)}` : "no validation yet"}</span>
            <Badge tone={stateTones[run.state]}>{stateTexts[run.state]}</Badge>
          </li>
        ))}
      </ol>
    </section>
  );
}

function Differences({ data }: { data: CompareOut }) {
  return (
    <section aria-label="Differences">
      <h2 className="mb-2 font-semibold">In what they differ</h2>
      {data.differences.length === 0 ? (
        <p className="text-muted">{data.curves.length > 1 ? "In nothing but their names." : "Pick a second run to see that."}</p>
      ) : (
        <div className="overflow-x-auto rounded-xl border bg-raised" tabIndex={0} role="region" aria-label="Differences of the configs">
          <table className="w-full text-[13px]">
            <thead>
              <tr className="border-b bg-panel text-left">
                <th className="px-4 py-2 font-medium">Setting</th>
                {data.curves.map((curve) => (
                  <th key={curve.run.name} className="px-4 py-2 font-medium whitespace-nowrap">
                    {curve.run.name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {data.differences.map((row) => (
                <tr key={row.key} className="border-b last:border-0">
                  <td className="px-4 py-1.5 font-mono">{row.key}</td>
                  {row.values.map((value, index) => (
                    <td key={index} className="max-w-72 px-4 py-1.5 break-words">
                      {value || <span className="text-muted">not set</span>}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

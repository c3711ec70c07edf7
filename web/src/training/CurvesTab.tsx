/** Learning rate, losses and validation metrics over the steps, and what the run takes of the machine. */
import { useQuery } from "@tanstack/react-query";
import { resourcesQuery, type Metrics, type RunDetail } from "@/api/training";
import { size } from "@/kit/format";
import { Chart, type Line } from "./Chart";
import { Fact } from "./PlanCard";
import { figure, isLive, longSeconds, metricText } from "./words";

const LOOK_MILLISECONDS = 3000;

export function CurvesTab({ run, metrics }: { run: RunDetail; metrics: Metrics }) {
  const over = (label: string, value: (point: Metrics["train"][number]) => number | null): Line => ({
    label,
    points: metrics.train.flatMap((point) => (value(point) === null ? [] : [[point.step, value(point) as number] as const])),
  });
  const validation = validationLines(metrics);
  const loss = validation.find((line) => line.label === metricText("loss"));
  const sync = `run-${run.name}`;
  const wait = isLive(run.state) ? "Comes with the first step" : "There were no steps";
  return (
    <div className="space-y-6">
      <div className="grid grid-cols-1 gap-4 min-[900px]:grid-cols-2">
        <Chart title="Loss" sync={sync} empty={wait} lines={[over("Training", (point) => point.loss), ...(loss ? [{ ...loss, label: "Validation" }] : [])]} />
        <Chart title="Learning rate" sync={sync} empty={wait} lines={[over("Learning rate", (point) => point.lr)]} />
        {validation
          .filter((line) => line !== loss)
          .map((line) => (
            <Chart key={line.label} title={line.label} sync={sync} lines={[line]} />
          ))}
        <Chart title="Length of the gradient" sync={sync} empty={wait} lines={[over("Gradient", (point) => point.grad_norm)]} />
        <Chart title="Learned tokens a second" sync={sync} empty={wait} lines={[over("Tokens/s", (point) => point.tokens_per_second)]} />
      </div>
      <Resources run={run} />
    </div>
  );
}

/** One line for each metric that validations told. */
export function validationLines(metrics: Metrics): Line[] {
  const names = [...new Set(metrics.validation.flatMap((row) => Object.keys(row)))].filter((name) => name !== "step");
  return names.map((name) => ({
    label: metricText(name),
    dots: true,
    points: metrics.validation.flatMap((row) => (row[name] === undefined || row.step === undefined ? [] : [[row.step, row[name]] as const])),
  }));
}

function Resources({ run }: { run: RunDetail }) {
  const live = isLive(run.state) && run.state !== "queued";
  const { data } = useQuery({ ...resourcesQuery(run.name), refetchInterval: live ? LOOK_MILLISECONDS : false, enabled: live });
  const planned = typeof run.plan?.peak_bytes === "number" ? size(run.plan.peak_bytes) : "–";
  return (
    <section aria-label="What it takes" className="rounded-xl border bg-raised px-4 py-3">
      <h2 className="mb-2 font-medium">What it takes</h2>
      <dl className="grid grid-cols-2 gap-x-4 gap-y-3 text-[13px] sm:grid-cols-3 wide:grid-cols-6">
        <Fact name="Tokens a second" value={run.tokens_per_second === null ? "–" : figure(run.tokens_per_second)} />
        <Fact name="Learned tokens" value={run.tokens === null ? "–" : run.tokens.toLocaleString("en")} />
        <Fact name="Time" value={run.seconds === null ? "–" : longSeconds(run.seconds)} />
        <Fact name="Most memory" value={run.peak_memory_bytes === null ? "–" : size(run.peak_memory_bytes)} />
        <Fact name="Planned memory" value={planned} />
        {live && data?.at_work ? (
          <Fact name="CPU" value={data.cores === null ? "…" : `${data.cores.toFixed(1)} of ${data.machine_cores} cores`} />
        ) : (
          <Fact name="Epochs seen" value={run.epoch === null ? "–" : figure(run.epoch)} />
        )}
        {live && data?.at_work && data.memory_bytes !== null && <Fact name="Memory now" value={size(data.memory_bytes)} />}
        {live && data && <Fact name="Load of the machine" value={`${data.machine_load.toFixed(1)} on ${data.machine_cores} cores`} />}
        {live && data?.gpu && <Fact name="GPU" value={data.gpu} />}
        {live &&
          data?.gpus.map((gpu, number) => (
            <Fact key={number} name={data.gpus.length > 1 ? `GPU ${String(number + 1)} at work` : "GPU at work"} value={`${String(Math.round(gpu.busy * 100))} %, ${size(gpu.memory_bytes)} of ${size(gpu.whole_bytes)}`} />
          ))}
      </dl>
    </section>
  );
}

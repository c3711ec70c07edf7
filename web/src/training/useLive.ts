/** Runs are followed through the live feed: each word of their jobs refreshes what is shown, at most once a second. */
import { useEffect, useState } from "react";
import { onJob } from "@/api/feed";
import { keys, queryClient } from "@/api/queryClient";
import { metricsSince, trainingKeys, type Metrics } from "@/api/training";

const REFRESH_MILLISECONDS = 1000;
const KINDS = new Set(["train", "export_run"]);

/** Call `refresh` when a job of training changes, of one run or of any. */
function useTrainingJobs(refresh: () => void, name?: string) {
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = onJob((job, before) => {
      if (!KINDS.has(job.kind) || (name !== undefined && job.subject !== name)) return;
      // An ended job may have made a model.
      if (job.ended !== null && before?.ended === null) void queryClient.invalidateQueries({ queryKey: keys.models });
      timer ??= setTimeout(() => {
        timer = undefined;
        refresh();
      }, REFRESH_MILLISECONDS);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [refresh, name]);
}

const refreshRuns = () => void queryClient.invalidateQueries({ queryKey: trainingKeys.runs });
export const useLiveRuns = () => useTrainingJobs(refreshRuns);

/** The metrics of a run, growing while it trains. */
export function useLiveRun(name: string, live: boolean): Metrics {
  const [metrics, setMetrics] = useState<Metrics>({ train: [], validation: [] });
  const [asked, setAsked] = useState(0);
  const [refresh] = useState(() => () => {
    void queryClient.invalidateQueries({ queryKey: trainingKeys.run(name) });
    setAsked((value) => value + 1);
  });
  useTrainingJobs(refresh, name);
  useEffect(() => {
    const controller = new AbortController();
    const since = Math.max(-1, ...metrics.train.map((point) => point.step));
    metricsSince(name, since, controller.signal)
      .then((more) => setMetrics((known) => joined(known, more)))
      .catch((error: unknown) => {
        // The page shows the run's own error; a break in the line is told by the banner.
        if (!controller.signal.aborted) console.warn(error);
      });
    return () => controller.abort();
    // Asking again is what `asked` and `live` are for; the metrics it reads are those of the last answer.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [name, asked, live]);
  return metrics;
}

/** Append what is new. A run that was resumed from an earlier step tells its steps again: the newer ones hold. */
export function joined(known: Metrics, more: Metrics): Metrics {
  return { train: byStep(known.train, more.train), validation: byStep(known.validation as Stepped[], more.validation as Stepped[]) };
}

type Stepped = Record<string, number> & { step: number };

function byStep<T extends { step: number }>(known: readonly T[], more: readonly T[]): T[] {
  const first = more[0]?.step;
  const steps = new Set(more.map((one) => one.step));
  const kept = known.filter((one) => !steps.has(one.step));
  if (first === undefined) return [...known];
  return [...kept, ...more].sort((a, b) => a.step - b.step);
}

/** What comes next: the way to the next stage, or the run with its progress. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import Play from "lucide-react/icons/play";
import { useEffect } from "react";
import { onJob } from "@/api/feed";
import { keys, queryClient } from "@/api/queryClient";
import { cancelJob, isRunning, jobsQuery } from "@/api/work";
import { dataKeys, prepareDataset, type DatasetOut } from "@/api/data";
import { Button } from "@/kit/Button";
import { ErrorNote, ProgressBar } from "@/kit/Feedback";
import { progressText } from "@/jobs/words";
import { missing } from "./recipe";
import type { Draft } from "./useDraft";
import { RESULT, stages } from "./words";

interface RunBarProps {
  dataset: DatasetOut;
  draft: Draft;
  stage: string;
}

export function RunBar({ dataset, draft, stage }: RunBarProps) {
  const navigate = useNavigate();
  const go = (to: string) => void navigate({ to: "/data/$datasetId", params: { datasetId: dataset.id }, search: { stage: to } });
  const run = useMutation({
    mutationFn: async () => {
      await draft.flush();
      return prepareDataset(dataset.id);
    },
    onSuccess: async () => {
      go(RESULT);
      await Promise.all([queryClient.invalidateQueries({ queryKey: dataKeys.dataset(dataset.id) }), queryClient.invalidateQueries({ queryKey: keys.jobs })]);
    },
  });
  const gap = missing(draft.recipe);
  const at = stages.findIndex((one) => one.id === stage);
  const next = at < 0 ? undefined : stages[at + 1];
  // What was prepared is good until the recipe changes; then the next step is training, not another run.
  const settled = dataset.prepared !== null && !dataset.changed && draft.saving === "saved" && dataset.state !== "failed";
  if (dataset.state === "preparing") return <Progress dataset={dataset} />;
  return (
    <div className="shrink-0 border-t bg-panel px-4 py-2.5 wide:px-6">
      {run.error && <ErrorNote error={run.error} className="mb-2" />}
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <p className="min-w-0 flex-1 text-[13px] text-muted max-wide:basis-full" role="status">
          {draft.saving === "failed" ? "The last change could not be saved; it is tried again with the next one." : (gap?.text ?? (settled ? "Prepared with this recipe. Change any stage to prepare it anew." : "Look at the sample, then prepare all rows. Your files are not changed."))}
        </p>
        {next && (
          <Button onClick={() => go(next.id)} variant={gap && gap.stage !== stage ? "primary" : "plain"}>
            Next: {next.title}
          </Button>
        )}
        <Button variant={gap || settled ? "plain" : "primary"} icon={Play} disabled={gap !== null || run.isPending} onClick={() => run.mutate()}>
          {dataset.prepared === null ? "Prepare data" : "Prepare again"}
        </Button>
      </div>
    </div>
  );
}

function Progress({ dataset }: { dataset: DatasetOut }) {
  const { data: jobs } = useQuery(jobsQuery);
  const job = jobs?.find((one) => one.id === dataset.job_id);
  const cancel = useMutation({ mutationFn: () => cancelJob(dataset.job_id ?? "") });
  return (
    <div className="shrink-0 border-t bg-panel px-4 py-2.5 wide:px-6">
      {cancel.error && <ErrorNote error={cancel.error} className="mb-2" />}
      <div className="flex items-center gap-4">
        <div className="min-w-0 flex-1 space-y-1">
          <p role="status" className="truncate">
            <span className="font-medium">Preparing.</span> <span className="text-muted">{job ? progressText(job) : "Waiting"}</span>
          </p>
          <ProgressBar done={job?.progress?.done ?? 0} total={job?.progress?.total ?? null} label="Rows prepared" />
        </div>
        <p className="text-[13px] text-muted max-wide:hidden">It goes on when you close this page.</p>
        <Button small disabled={cancel.isPending} onClick={() => cancel.mutate()}>
          Cancel
        </Button>
      </div>
    </div>
  );
}

/** Read the data set again when one of its jobs ends. */
export function useFollowJobs(dataset: DatasetOut | undefined): void {
  const id = dataset?.id;
  const { data: jobs } = useQuery(jobsQuery);
  const ended = dataset?.state === "preparing" && jobs?.some((job) => job.id === dataset.job_id && !isRunning(job));
  useEffect(() => {
    if (!id) return;
    const refresh = () => void queryClient.invalidateQueries({ queryKey: dataKeys.dataset(id) });
    if (ended) refresh();
    return onJob((job, before) => {
      if (job.result?.dataset_id === id || (before && before.state !== job.state && !isRunning(job))) refresh();
    });
  }, [id, ended]);
}

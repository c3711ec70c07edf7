/** All long work, live. */
import { useMutation, useQuery } from "@tanstack/react-query";
import ListChecks from "lucide-react/icons/list-checks";
import { useEffect, useState } from "react";
import type { JobOut } from "@/api/types";
import { cancelJob, isRunning, jobsQuery } from "@/api/work";
import { Button } from "@/kit/Button";
import { Badge, Empty, ErrorNote, ProgressBar, Skeleton } from "@/kit/Feedback";
import { when } from "@/kit/format";
import { showToast } from "@/kit/toasts";
import { PageHeader } from "@/shell/PageHeader";
import { durationText, kindText, progressText, stateText } from "./words";

const FIRST_ROWS = 100;

export function JobsPage() {
  const { data: jobs, error, refetch } = useQuery(jobsQuery);
  const [shown, setShown] = useState(FIRST_ROWS);
  const running = jobs?.filter(isRunning).sort(byTurn) ?? [];
  const ended = jobs?.filter((job) => !isRunning(job)).sort((a, b) => (b.ended ?? b.created) - (a.ended ?? a.created)) ?? [];
  useTick(running.length > 0);
  return (
    <div className="flex min-w-0 flex-1 flex-col">
      <PageHeader title="Jobs" />
      <div role="region" aria-label="Jobs" tabIndex={0} className="min-h-0 flex-1 overflow-y-auto px-4 py-6 wide:px-6">
        <div className="mx-auto max-w-4xl space-y-8">
          {error && !jobs && <ErrorNote error={error} onRetry={() => void refetch()} />}
          {!jobs && !error && <Skeleton lines={6} />}
          {jobs?.length === 0 && (
            <Empty icon={ListChecks} title="Nothing runs, nothing has run">
              Reading documents and installing models show up here. They go on when you close this page.
            </Empty>
          )}
          {running.length > 0 && <JobList title="Running and waiting" jobs={running} />}
          {ended.length > 0 && <JobList title="Ended" jobs={ended.slice(0, shown)} />}
          {ended.length > shown && <Button onClick={() => setShown(shown + FIRST_ROWS)}>Show more</Button>}
        </div>
      </div>
    </div>
  );
}

/** What runs first, then what waits, the oldest next in line. */
const byTurn = (a: JobOut, b: JobOut) => Number(a.state === "queued") - Number(b.state === "queued") || a.created - b.created;

function JobList({ title, jobs }: { title: string; jobs: readonly JobOut[] }) {
  return (
    <section aria-label={title}>
      <h2 className="mb-2 font-semibold">{title}</h2>
      <ul className="divide-y rounded-xl border bg-raised">
        {jobs.map((job) => (
          <Row key={job.id} job={job} />
        ))}
      </ul>
    </section>
  );
}

const tones = { queued: "neutral", running: "accent", done: "good", failed: "bad", cancelled: "neutral" } as const;

function Row({ job }: { job: JobOut }) {
  const cancel = useMutation({ mutationFn: () => cancelJob(job.id), onError: (error) => showToast(`Not cancelled: ${error.message}`, "bad") });
  return (
    <li className="flex flex-wrap items-start gap-x-4 gap-y-2 px-4 py-3 wide:flex-nowrap" data-job={job.id}>
      <div className="shrink-0 wide:w-24">
        <Badge tone={tones[job.state]}>{stateText(job.state)}</Badge>
      </div>
      <div className="min-w-0 flex-1 space-y-1 max-wide:order-last max-wide:basis-full">
        <p className="break-words">
          <span className="text-muted">{kindText(job.kind)}</span> <span className="font-medium">{job.subject}</span>
        </p>
        {job.state === "running" && (
          <>
            <p className="text-[13px] text-muted">{progressText(job)}</p>
            {job.progress?.total && <ProgressBar done={job.progress.done} total={job.progress.total} label={`${kindText(job.kind)} ${job.subject}`} />}
          </>
        )}
        {job.error && <p className="text-[13px] break-words text-bad">{job.error}</p>}
        {job.hint && <p className="text-[13px] break-words text-muted">{job.hint}</p>}
      </div>
      <div className="shrink-0 text-right text-[13px] text-muted max-wide:ml-auto max-wide:flex max-wide:gap-2 max-wide:leading-6">
        <p>{when(job.created)}</p>
        <p>{durationText(job)}</p>
      </div>
      {isRunning(job) && (
        <Button small disabled={cancel.isPending} onClick={() => cancel.mutate()}>
          Cancel
        </Button>
      )}
    </li>
  );
}

/** Redraw every second while something runs, for the times. */
function useTick(on: boolean) {
  const [, tick] = useState(0);
  useEffect(() => {
    if (!on) return;
    const timer = setInterval(() => tick((value) => value + 1), 1000);
    return () => clearInterval(timer);
  }, [on]);
}

/** All training runs, and the beginning of a new one. */
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import GraduationCap from "lucide-react/icons/graduation-cap";
import Plus from "lucide-react/icons/plus";
import { useState } from "react";
import { runsQuery, type RunOut } from "@/api/training";
import { Button, buttonClass } from "@/kit/Button";
import { Empty, ErrorNote, Skeleton } from "@/kit/Feedback";
import { PageHeader } from "@/shell/PageHeader";
import { RunRow } from "./RunRow";
import { lowerIsBetter } from "./words";
import { useLiveRuns } from "./useLive";

export function TrainPage() {
  const { data: runs, error, refetch } = useQuery(runsQuery);
  const [picked, setPicked] = useState<readonly string[]>([]);
  const navigate = useNavigate();
  useLiveRuns();
  const chosen = picked.filter((name) => runs?.some((run) => run.name === name));
  const pick = (name: string, on: boolean) => setPicked(on ? [...chosen, name] : chosen.filter((one) => one !== name));
  const newRun = (
    <Link to="/train/new" search={{}} className={buttonClass("primary", true)}>
      <Plus aria-hidden size={14} />
      New run
    </Link>
  );
  return (
    <div className="flex min-w-0 flex-1 flex-col">
      <PageHeader title="Fine-tune" actions={runs?.length ? newRun : undefined} />
      <div role="region" aria-label="Training runs" tabIndex={0} className="min-h-0 flex-1 overflow-y-auto px-4 py-6 wide:px-6">
        <div className="mx-auto max-w-4xl space-y-6">
          {error && !runs && <ErrorNote error={error} onRetry={() => void refetch()} />}
          {!runs && !error && <Skeleton lines={6} />}
          {runs?.length === 0 && (
            <Empty icon={GraduationCap} title="Teach a model with your own examples" action={newRun}>
              Bring a table of questions and answers. The model learns to answer like them, on this machine, with or without a graphics card, and can be asked at once.
            </Empty>
          )}
          {runs && runs.length > 1 && (
            <div className="flex flex-wrap items-center gap-3 text-muted">
              <Button small disabled={chosen.length < 2} onClick={() => void navigate({ to: "/train/compare", search: { runs: chosen.join(",") } })}>
                Compare {chosen.length > 1 ? chosen.length : ""}
              </Button>
              <span className="text-[13px]">{chosen.length < 2 ? "Tick two or more runs to see their curves together." : ""}</span>
            </div>
          )}
          {runs && runs.length > 0 && <Groups runs={runs} picked={chosen} onPick={pick} />}
        </div>
      </div>
    </div>
  );
}

interface GroupsProps {
  runs: readonly RunOut[];
  picked: readonly string[];
  onPick: (name: string, on: boolean) => void;
}

/** Runs of a grid stand together, the best first; the others one by one. */
function Groups({ runs, picked, onPick }: GroupsProps) {
  const grids = [...new Set(runs.flatMap((run) => (run.sweep ? [run.sweep] : [])))];
  const alone = runs.filter((run) => !run.sweep);
  const list = (label: string, these: readonly RunOut[], ranked: boolean) => (
    <ul aria-label={label} className="divide-y rounded-xl border bg-raised">
      {these.map((run, index) => (
        <RunRow key={run.name} run={run} rank={ranked && run.best ? index + 1 : null} picked={runs.length > 1 ? picked.includes(run.name) : null} onPick={(on) => onPick(run.name, on)} />
      ))}
    </ul>
  );
  return (
    <>
      {grids.map((grid) => {
        const these = byBest(runs.filter((run) => run.sweep === grid));
        return (
          <section key={grid} aria-label={`Grid ${grid}`}>
            <div className="mb-2 flex items-baseline justify-between gap-3">
              <h2 className="font-semibold">Grid {grid}</h2>
              <Link to="/train/compare" search={{ runs: these.map((run) => run.name).join(",") }} className="text-[13px] text-accent hover:underline">
                See their curves
              </Link>
            </div>
            {list(`Runs of the grid ${grid}`, these, true)}
          </section>
        );
      })}
      {alone.length > 0 && (
        <section aria-label="Runs">
          {grids.length > 0 && <h2 className="mb-2 font-semibold">Other runs</h2>}
          {list("Runs", alone, false)}
        </section>
      )}
    </>
  );
}

/** The best validation first; runs that have none yet last. */
export function byBest(runs: readonly RunOut[]): RunOut[] {
  const value = (run: RunOut) => (run.best ? (lowerIsBetter(run.best.metric) ? run.best.value : -run.best.value) : Infinity);
  return [...runs].sort((a, b) => value(a) - value(b) || a.name.localeCompare(b.name));
}

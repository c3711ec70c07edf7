/** One run in the list: where it is, what it reached, and what can be done with it. */
import { Link } from "@tanstack/react-router";
import type { RunOut } from "@/api/training";
import { Badge, ProgressBar } from "@/kit/Feedback";
import { when } from "@/kit/format";
import { RunActions } from "./RunActions";
import { figure, metricText, progressText, stateTexts, stateTones } from "./words";

interface RunRowProps {
  run: RunOut;
  /** Its place in a grid. */
  rank: number | null;
  /** null: nothing can be picked. */
  picked: boolean | null;
  onPick: (on: boolean) => void;
}

export function RunRow({ run, rank, picked, onPick }: RunRowProps) {
  return (
    <li className="px-4 py-3" data-run={run.name}>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        {picked !== null && <input type="checkbox" aria-label={`Pick ${run.name}`} className="size-4 shrink-0 accent-(--accent)" checked={picked} onChange={(event) => onPick(event.target.checked)} />}
        <div className="min-w-0 flex-1 basis-44">
          <p className="truncate">
            {rank !== null && <span className="mr-2 text-muted">{rank}.</span>}
            <Link to="/train/$runName" params={{ runName: run.name }} search={{}} className="font-medium hover:text-accent hover:underline">
              {run.name}
            </Link>
          </p>
          <p className="truncate text-[13px] text-muted">{run.differs || `on ${run.base} · ${when(run.created)}`}</p>
        </div>
        {run.best && (
          <p className="text-[13px] whitespace-nowrap">
            <span className="text-muted">{metricText(run.best.metric)}</span> {figure(run.best.value)}
          </p>
        )}
        <div className="ml-auto flex items-center gap-3">
          <Badge tone={stateTones[run.state]}>{stateTexts[run.state]}</Badge>
          <RunActions run={run} />
        </div>
      </div>
      {run.state !== "done" && (progressText(run) || run.steps) && (
        <div className="mt-2 space-y-1">
          {run.steps && run.step > 0 && <ProgressBar done={run.step} total={run.steps} label={`Progress of ${run.name}`} />}
          <p className="text-[13px] text-muted">{progressText(run)}</p>
        </div>
      )}
      {run.error && <p className="mt-1 text-[13px] break-words text-bad">{run.error.message}</p>}
    </li>
  );
}

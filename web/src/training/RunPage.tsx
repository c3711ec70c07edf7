/** One run: its curves while it learns, its answers, its rows, its log; and asking it when it is done. */
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import ArrowLeft from "lucide-react/icons/arrow-left";
import MessageSquare from "lucide-react/icons/message-square";
import { keys, queryClient } from "@/api/queryClient";
import { runQuery, type RunDetail } from "@/api/training";
import { Button } from "@/kit/Button";
import { Badge, ErrorNote, ProgressBar, Skeleton } from "@/kit/Feedback";
import { writeStored } from "@/kit/stored";
import { PageHeader } from "@/shell/PageHeader";
import { AnswersTab } from "./AnswersTab";
import { ConfigTab } from "./ConfigTab";
import { CurvesTab } from "./CurvesTab";
import { LogTab } from "./LogTab";
import { RowsTab } from "./RowsTab";
import { RunActions } from "./RunActions";
import { Tabs } from "./Tabs";
import { TakeAway } from "./TakeAway";
import { useLiveRun } from "./useLive";
import { figure, isLive, metricText, progressText, stateTexts, stateTones } from "./words";

const tabs = ["Curves", "Answers", "Rows", "Log", "Config"] as const;
export type RunTab = (typeof tabs)[number];
export interface RunSearch {
  tab?: string;
}
const route = getRouteApi("/app/train/$runName");

export function RunPage() {
  const { runName } = route.useParams();
  const navigate = useNavigate();
  const { data: run, error, refetch } = useQuery(runQuery(runName));
  return (
    <div className="flex min-w-0 flex-1 flex-col">
      <PageHeader
        title={runName}
        before={
          <Link to="/train" aria-label="All runs" className="icon-button">
            <ArrowLeft aria-hidden size={16} />
          </Link>
        }
        actions={run && <RunActions run={run} onDeleted={() => void navigate({ to: "/train" })} />}
      />
      <div role="region" aria-label="Run" tabIndex={0} className="min-h-0 flex-1 overflow-y-auto px-4 py-6 wide:px-6">
        <div className="mx-auto max-w-5xl space-y-6">
          {error && !run && <ErrorNote error={error} onRetry={() => void refetch()} />}
          {!run && !error && <Skeleton lines={8} />}
          {run && <Run key={run.name} run={run} />}
        </div>
      </div>
    </div>
  );
}

function Run({ run }: { run: RunDetail }) {
  const navigate = useNavigate();
  const search = route.useSearch();
  const metrics = useLiveRun(run.name, isLive(run.state));
  const tab = tabs.find((name) => name.toLowerCase() === search.tab) ?? "Curves";
  const choose = (name: RunTab) => void navigate({ to: "/train/$runName", params: { runName: run.name }, search: name === "Curves" ? {} : { tab: name.toLowerCase() }, replace: true });
  return (
    <>
      <Summary run={run} />
      <div className="border-b pb-2">
        <Tabs label="What of the run is shown" names={tabs} chosen={tab} onChoose={choose} />
      </div>
      {tab === "Curves" && <CurvesTab run={run} metrics={metrics} />}
      {tab === "Answers" && <AnswersTab run={run} />}
      {tab === "Rows" && <RowsTab run={run} />}
      {tab === "Log" && <LogTab run={run} />}
      {tab === "Config" && <ConfigTab run={run} />}
    </>
  );
}

function Summary({ run }: { run: RunDetail }) {
  return (
    <section aria-label="Where it is" className="space-y-3">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-3">
        <Badge tone={stateTones[run.state]}>{stateTexts[run.state]}</Badge>
        <p className="min-w-0 flex-1 basis-56 text-muted" role="status">
          {progressText(run)}
          {run.best && ` · best ${metricText(run.best.metric).toLowerCase()} ${figure(run.best.value)} at step ${run.best.step}`}
        </p>
        {run.served && <ChatButton served={run.served} />}
      </div>
      {run.steps && run.state !== "done" && <ProgressBar done={run.step} total={run.steps} label={`Progress of ${run.name}`} />}
      {run.error && (
        <div role="alert" className="rounded-lg bg-bad-soft px-4 py-3">
          <p className="font-medium break-words whitespace-pre-line">{run.error.message}</p>
          {run.error.hint && <p className="text-muted">{run.error.hint}</p>}
        </div>
      )}
      {run.exports.length > 0 && <TakeAway run={run} />}
    </section>
  );
}

/** A new conversation with the model alone, without documents. */
function ChatButton({ served }: { served: string }) {
  const navigate = useNavigate();
  const open = async () => {
    await queryClient.invalidateQueries({ queryKey: keys.models });
    writeStored("picked-model", served);
    writeStored("picked-collections", "[]");
    await navigate({ to: "/chat" });
  };
  return (
    <Button variant="primary" icon={MessageSquare} onClick={() => void open()}>
      Chat with it
    </Button>
  );
}

/** The config of a run, and how the same is done on the command line. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { runConfigQuery, type RunDetail } from "@/api/training";
import { buttonClass } from "@/kit/Button";
import { CopyButton } from "@/kit/CopyButton";
import { ErrorNote, Skeleton } from "@/kit/Feedback";

export function ConfigTab({ run }: { run: RunDetail }) {
  const { data, error, refetch } = useQuery(runConfigQuery(run.name));
  if (error) return <ErrorNote error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton lines={6} />;
  const command = "headwater train config.yaml";
  return (
    <div className="space-y-3">
      <div className="flex flex-wrap items-center gap-3">
        <Link to="/train/new" search={{ clone: run.name }} className={buttonClass("plain", true)}>
          Clone into a new run
        </Link>
        <span className="flex items-center gap-1 text-muted">
          On the command line: <code className="font-mono text-[13px] text-fg">{command}</code>
          <CopyButton text={command} label="Copy the command" />
        </span>
      </div>
      <div className="relative">
        <pre tabIndex={0} aria-label="Config in YAML" className="overflow-x-auto rounded-xl border bg-panel px-4 py-3 font-mono text-[13px]">
          {data.yaml}
        </pre>
        <span className="absolute top-2 right-2">
          <CopyButton text={data.yaml} label="Copy the config" />
        </span>
      </div>
    </div>
  );
}

/** Rows that are not uploaded: brought from an address or a data base, or made by a model. Jobs, so the page may be left. */
import { useMutation, useQuery } from "@tanstack/react-query";
import DatabaseZap from "lucide-react/icons/database-zap";
import Link2 from "lucide-react/icons/link-2";
import Sparkles from "lucide-react/icons/sparkles";
import X from "lucide-react/icons/x";
import { useState } from "react";
import { statusQuery } from "@/api/account";
import type { SourceOut } from "@/api/data";
import type { JobOut } from "@/api/types";
import { cancelJob } from "@/api/work";
import { progressText } from "@/jobs/words";
import { Button, IconButton } from "@/kit/Button";
import { cx } from "@/kit/cx";
import { ErrorNote, ProgressBar } from "@/kit/Feedback";
import { size } from "@/kit/format";
import { FetchForm } from "./FetchForm";
import { GenerateForm } from "./GenerateForm";
import { generatedText } from "./generated";
import type { RecipeSource } from "./recipe";
import { useSourceJobs } from "./useSourceJobs";

type Way = "address" | "query" | "generate";
interface MoreSourcesProps {
  sources: readonly SourceOut[];
  used: readonly RecipeSource[];
  onSources: (names: readonly string[]) => void;
}

export function MoreSources({ sources, used, onSources }: MoreSourcesProps) {
  const { data: status } = useQuery(statusQuery);
  const isAdmin = status?.user?.role === "admin";
  const [way, setWay] = useState<Way | null>(null);
  const jobs = useSourceJobs(onSources);
  const begun = (jobId: string) => {
    jobs.begin(jobId);
    setWay(null);
  };
  const ways = [
    { id: "address" as const, text: "From an address", icon: Link2 },
    // A data base is read with the server's own rights.
    ...(isAdmin ? [{ id: "query" as const, text: "From a data base", icon: DatabaseZap }] : []),
    { id: "generate" as const, text: "Made by a model", icon: Sparkles },
  ];
  return (
    <section aria-label="More ways to get rows" className="space-y-3">
      <div className="flex flex-wrap gap-2">
        {ways.map((one) => (
          <Button key={one.id} small icon={one.icon} aria-expanded={way === one.id} className={cx(way === one.id && "border-accent text-accent")} onClick={() => setWay(way === one.id ? null : one.id)}>
            {one.text}
          </Button>
        ))}
      </div>
      {way === "generate" && <GenerateForm sources={sources} used={used} onBegun={begun} />}
      {(way === "address" || way === "query") && <FetchForm key={way} query={way === "query"} isAdmin={isAdmin} onBegun={begun} />}
      {jobs.running.map((job) => (
        <Running key={job.id} job={job} />
      ))}
      {jobs.ended.map((job) => (
        <Ended key={job.id} job={job} onDismiss={() => jobs.dismiss(job.id)} />
      ))}
    </section>
  );
}

function Running({ job }: { job: JobOut }) {
  const cancel = useMutation({ mutationFn: () => cancelJob(job.id) });
  return (
    <div className="space-y-1.5 rounded-xl border bg-raised px-4 py-3" data-job={job.kind}>
      <div className="flex items-center gap-3">
        <p role="status" className="min-w-0 flex-1 truncate">
          <span className="font-medium">{job.subject}</span> <span className="text-muted">{progressText(job)}</span>
        </p>
        <Button small disabled={cancel.isPending} onClick={() => cancel.mutate()}>
          Cancel
        </Button>
      </div>
      <ProgressBar done={job.progress?.done ?? 0} total={job.progress?.total ?? null} label={job.subject} />
      <p className="text-[13px] text-muted">It goes on when you leave this page; the file then lies under “Uploaded before”.</p>
    </div>
  );
}

function Ended({ job, onDismiss }: { job: JobOut; onDismiss: () => void }) {
  if (job.state === "cancelled") return null;
  if (job.state === "failed") return <ErrorNote error={new Error([job.error, job.hint].filter(Boolean).join(" "))} />;
  const result = job.result ?? {};
  return (
    <div role="status" className="flex items-start gap-3 rounded-xl bg-good-soft py-2 pr-2 pl-4" data-testid="source-made">
      <p className="min-w-0 flex-1 py-1 break-words">{job.kind === "generate_data" ? generatedText(result) : `${String(result.name)} is here: ${size(Number(result.size))}.`}</p>
      <IconButton label="Close" icon={X} onClick={onDismiss} />
    </div>
  );
}

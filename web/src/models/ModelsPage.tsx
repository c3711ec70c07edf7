/** The models of this machine: what is installed, what fits, and getting more. */
import { useQuery } from "@tanstack/react-query";
import Package from "lucide-react/icons/package";
import { statusQuery } from "@/api/account";
import type { ModelOut } from "@/api/types";
import { isRunning, jobsQuery, modelsQuery } from "@/api/work";
import { Empty, ErrorNote, Skeleton } from "@/kit/Feedback";
import { PageHeader } from "@/shell/PageHeader";
import { ModelCard } from "./ModelCard";

const tasks: readonly { task: ModelOut["task"]; title: string; hint: string }[] = [
  { task: "chat", title: "Language models", hint: "Write answers. Without one, answers quote your documents word for word." },
  { task: "embed", title: "Embedding models", hint: "Find passages by meaning. Without one, search goes by words." },
  { task: "rerank", title: "Re-rankers", hint: "Read question and passage together and put the best first." },
  { task: "reward", title: "Reward models", hint: "Score answers." },
];

export function ModelsPage() {
  const { data: models, error, refetch } = useQuery(modelsQuery);
  const { data: jobs } = useQuery(jobsQuery);
  const { data: status } = useQuery(statusQuery);
  const mayChange = status?.user?.role === "admin";
  return (
    <div className="flex min-w-0 flex-1 flex-col">
      <PageHeader title="Models" />
      <div role="region" aria-label="Models" tabIndex={0} className="min-h-0 flex-1 overflow-y-auto px-4 py-6 wide:px-6">
        <div className="mx-auto max-w-4xl space-y-10">
          {error && !models && <ErrorNote error={error} onRetry={() => void refetch()} />}
          {!models && !error && <Skeleton lines={8} />}
          {models?.length === 0 && <Empty icon={Package} title="No model is known here">Run “headwater models list” to see why.</Empty>}
          {tasks.map(({ task, title, hint }) => {
            const these = models?.filter((model) => model.task === task) ?? [];
            if (!these.length) return null;
            return (
              <section key={task} aria-labelledby={`models-${task}`}>
                <h2 id={`models-${task}`} className="font-semibold">
                  {title}
                </h2>
                <p className="mb-3 text-muted">{hint}</p>
                <ul className="grid gap-3 min-[1100px]:grid-cols-2">
                  {these.map((model) => (
                    <ModelCard
                      key={model.name}
                      model={model}
                      job={jobs?.find((job) => job.kind === "pull" && job.subject === model.name && (isRunning(job) || job.state === "failed"))}
                      mayChange={mayChange}
                    />
                  ))}
                </ul>
              </section>
            );
          })}
          {models && !mayChange && <p className="text-muted">Only an administrator can install, remove or choose models.</p>}
        </div>
      </div>
    </div>
  );
}

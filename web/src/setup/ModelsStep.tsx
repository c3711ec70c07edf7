/** Step 2: the models this machine uses by default, installed or to be installed, with their licences. */
import { useQuery } from "@tanstack/react-query";
import { statusQuery } from "@/api/account";
import { isRunning, jobsQuery, modelsQuery } from "@/api/work";
import { Button } from "@/kit/Button";
import { ErrorNote, Skeleton } from "@/kit/Feedback";
import { ModelCard } from "@/models/ModelCard";

export function ModelsStep({ onNext }: { onNext: () => void }) {
  const { data: status } = useQuery(statusQuery);
  const { data: models, error, refetch } = useQuery({ ...modelsQuery, refetchInterval: 5000 });
  const { data: jobs } = useQuery({ ...jobsQuery, refetchInterval: 1000 });
  const wanted = models?.filter((model) => model.is_default || model.name === status?.chat_model || model.name === status?.embedder) ?? [];
  const pulling = jobs?.some((job) => job.kind === "pull" && isRunning(job)) ?? false;
  const missing = wanted.filter((model) => !model.installed);
  const words = missing.length
    ? "Headwater works without them: it then finds passages by their words and quotes them."
    : "Everything needed is here.";
  return (
    <div className="space-y-4">
      <p className="text-muted">One model finds passages by meaning, the other writes answers. Both run on this machine only. {words}</p>
      {error && !models && <ErrorNote error={error} onRetry={() => void refetch()} />}
      {!models && !error && <Skeleton lines={6} />}
      <ul className="space-y-3">
        {wanted.map((model) => (
          <ModelCard key={model.name} model={model} mayChange job={jobs?.find((job) => job.kind === "pull" && job.subject === model.name && (isRunning(job) || job.state === "failed"))} />
        ))}
      </ul>
      <Button variant={missing.length && !pulling ? "plain" : "primary"} onClick={onNext}>
        {missing.length ? (pulling ? "Go on while it installs" : "Go on without") : "Go on"}
      </Button>
    </div>
  );
}

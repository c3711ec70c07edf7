/** All data sets, and the beginning of a new one. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import Database from "lucide-react/icons/database";
import Plus from "lucide-react/icons/plus";
import { useState } from "react";
import { createDataset, dataKeys, datasetsQuery, type DatasetOut } from "@/api/data";
import { queryClient } from "@/api/queryClient";
import { Button } from "@/kit/Button";
import { Badge, Empty, ErrorNote, Skeleton } from "@/kit/Feedback";
import { count, when } from "@/kit/format";
import { NameDialog } from "@/kit/NameDialog";
import { PageHeader } from "@/shell/PageHeader";

export function DataPage() {
  const { data, error, refetch } = useQuery(datasetsQuery);
  const [naming, setNaming] = useState(false);
  return (
    <div className="flex min-w-0 flex-1 flex-col">
      <PageHeader
        title="Data"
        actions={
          <Button small variant="primary" icon={Plus} onClick={() => setNaming(true)}>
            New data set
          </Button>
        }
      />
      <div role="region" aria-label="Data sets" tabIndex={0} className="min-h-0 flex-1 overflow-y-auto px-4 py-6 wide:px-6">
        <div className="mx-auto max-w-4xl">
          {error && !data && <ErrorNote error={error} onRetry={() => void refetch()} />}
          {!data && !error && <Skeleton lines={6} />}
          {data?.length === 0 && (
            <Empty
              icon={Database}
              title="Make training data out of your files"
              action={
                <Button variant="primary" icon={Plus} onClick={() => setNaming(true)}>
                  New data set
                </Button>
              }
            >
              Bring tables, chats or texts. Clean them, hide personal data, keep the best rows, and see what happens to each one. Nothing leaves this machine.
            </Empty>
          )}
          {data && data.length > 0 && (
            <ul aria-label="Data sets" className="divide-y rounded-xl border bg-raised">
              {data.map((dataset) => (
                <Row key={dataset.id} dataset={dataset} />
              ))}
            </ul>
          )}
        </div>
      </div>
      {naming && <NewDataset onClose={() => setNaming(false)} />}
    </div>
  );
}

const tones = { draft: "neutral", preparing: "accent", ready: "good", failed: "bad" } as const;
const states = { draft: "Not prepared", preparing: "Being prepared", ready: "Ready", failed: "Failed" } as const;

function Row({ dataset }: { dataset: DatasetOut }) {
  const sources = Array.isArray(dataset.recipe.sources) ? dataset.recipe.sources.length : 0;
  return (
    <li className="relative flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-3 hover:bg-panel">
      <div className="min-w-0 flex-1">
        <Link to="/data/$datasetId" params={{ datasetId: dataset.id }} search={{}} className="font-medium after:absolute after:inset-0 hover:text-accent hover:underline">
          {dataset.name}
        </Link>
        <p className="text-[13px] text-muted">
          {count(sources, "file")}
          {dataset.summary && ` · ${dataset.summary.rows_in.toLocaleString("en")} rows in, ${dataset.summary.rows_out.toLocaleString("en")} out`}
        </p>
      </div>
      <Badge tone={tones[dataset.state]}>{dataset.changed && dataset.state === "ready" ? "Recipe has changed" : states[dataset.state]}</Badge>
      <span className="w-16 text-right text-[13px] text-muted">{when(dataset.updated)}</span>
    </li>
  );
}

function NewDataset({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate();
  const create = useMutation({
    mutationFn: createDataset,
    onSuccess: async (made) => {
      queryClient.setQueryData(dataKeys.dataset(made.id), made);
      void queryClient.invalidateQueries({ queryKey: dataKeys.datasets });
      await navigate({ to: "/data/$datasetId", params: { datasetId: made.id }, search: { stage: "sources" } });
    },
  });
  return (
    <NameDialog
      title="New data set"
      label="Name"
      hint="Such as “Support answers”. You can change it later."
      action="Create"
      busy={create.isPending}
      error={create.error}
      onName={(name) => create.mutate(name)}
      onClose={onClose}
    />
  );
}

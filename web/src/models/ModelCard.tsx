/** One model: what it is, whether it fits, its licence, and what can be done with it. */
import { useMutation } from "@tanstack/react-query";
import CircleCheck from "lucide-react/icons/circle-check";
import Download from "lucide-react/icons/download";
import Ellipsis from "lucide-react/icons/ellipsis";
import MemoryStick from "lucide-react/icons/memory-stick";
import Star from "lucide-react/icons/star";
import Trash2 from "lucide-react/icons/trash-2";
import TriangleAlert from "lucide-react/icons/triangle-alert";
import { useState } from "react";
import { keys, queryClient } from "@/api/queryClient";
import type { JobOut, ModelOut } from "@/api/types";
import { cancelJob, isRunning, makeDefault, removeModel, unloadModel } from "@/api/work";
import { Button, IconButton } from "@/kit/Button";
import { Confirm } from "@/kit/Dialog";
import { Badge, ErrorNote, ProgressBar } from "@/kit/Feedback";
import { size } from "@/kit/format";
import { Menu, type MenuEntry } from "@/kit/Menu";
import { showToast } from "@/kit/toasts";
import { progressText } from "@/jobs/words";
import { PullDialog, usePull } from "./PullDialog";

const refresh = () => queryClient.invalidateQueries({ queryKey: keys.models });

export function ModelCard({ model, job, mayChange }: { model: ModelOut; job: JobOut | undefined; mayChange: boolean }) {
  const [open, setOpen] = useState<"pull" | "remove" | null>(null);
  const pull = usePull(model.name, () => setOpen(null));
  const pulling = job !== undefined && isRunning(job);
  const start = () => (model.needs_acceptance && !model.accepted ? setOpen("pull") : pull.mutate(false));
  return (
    <li className="flex flex-col gap-3 rounded-xl border bg-raised p-5" data-model={model.name}>
      <div className="flex items-start gap-3">
        <div className="min-w-0 flex-1">
          <h3 className="text-base font-semibold">{model.title}</h3>
          <p className="text-[13px] text-muted">
            {model.name} · {size(model.size_bytes)} ·{" "}
            {model.licence_url ? (
              <a href={model.licence_url} target="_blank" rel="noopener noreferrer" className="underline underline-offset-2 hover:text-fg">
                {model.licence}
              </a>
            ) : (
              model.licence
            )}
          </p>
        </div>
        {mayChange && model.installed && <CardMenu model={model} onRemove={() => setOpen("remove")} />}
      </div>
      {model.notes && <p className="text-muted">{model.notes}</p>}
      <p className="flex items-start gap-2 text-[13px]">
        {model.fits ? <MemoryStick aria-hidden size={15} className="mt-0.5 shrink-0 text-good" /> : <TriangleAlert aria-hidden size={15} className="mt-0.5 shrink-0 text-warn" />}
        <span>{model.plan}</span>
      </p>
      {pulling && <Pulling job={job} />}
      {job?.state === "failed" && !model.installed && job.error && <ErrorNote error={Object.assign(new Error(job.error + (job.hint ? ` ${job.hint}` : "")))} />}
      {pull.isError && open === null && <ErrorNote error={pull.error} />}
      <div className="mt-auto flex flex-wrap items-center gap-2">
        {model.installed && (
          <Badge tone="good" icon={CircleCheck}>
            Installed
          </Badge>
        )}
        {model.loaded && <Badge tone="accent">In memory</Badge>}
        {model.is_default && <Badge icon={Star}>Default</Badge>}
        {!model.installed && !pulling && mayChange && (
          <Button variant={model.fits ? "primary" : "plain"} icon={Download} disabled={pull.isPending} onClick={start}>
            Install
          </Button>
        )}
      </div>
      {open === "pull" && <PullDialog model={model} pull={pull} onClose={() => setOpen(null)} />}
      {open === "remove" && <Remove model={model} onClose={() => setOpen(null)} />}
    </li>
  );
}

function Pulling({ job }: { job: JobOut }) {
  const cancel = useMutation({ mutationFn: () => cancelJob(job.id), onError: (error) => showToast(error.message, "bad") });
  return (
    <div className="space-y-2">
      <div className="flex items-center justify-between gap-3 text-[13px] text-muted">
        <span>{progressText(job)}</span>
        <Button small onClick={() => cancel.mutate()} disabled={cancel.isPending}>
          Cancel
        </Button>
      </div>
      <ProgressBar done={job.progress?.done ?? 0} total={job.progress?.total ?? null} label={`Installing ${job.subject}`} />
    </div>
  );
}

function CardMenu({ model, onRemove }: { model: ModelOut; onRemove: () => void }) {
  const onError = (error: Error) => showToast(error.message, "bad");
  const choose = useMutation({ mutationFn: () => makeDefault(model.name), onSuccess: refresh, onError });
  const unload = useMutation({ mutationFn: () => unloadModel(model.name), onSuccess: refresh, onError });
  const entries: MenuEntry[] = [
    { kind: "item", label: "Use by default", icon: Star, disabled: model.is_default, onSelect: () => choose.mutate() },
    { kind: "item", label: "Unload from memory", icon: MemoryStick, disabled: !model.loaded, onSelect: () => unload.mutate() },
    { kind: "line" },
    { kind: "item", label: "Remove", icon: Trash2, danger: true, onSelect: onRemove },
  ];
  return <Menu align="end" entries={entries} trigger={<IconButton label={`Actions for ${model.title}`} icon={Ellipsis} className="-mt-1 -mr-2" />} />;
}

function Remove({ model, onClose }: { model: ModelOut; onClose: () => void }) {
  const erase = useMutation({
    mutationFn: () => removeModel(model.name),
    onSuccess: () => {
      void refresh();
      onClose();
    },
  });
  return (
    <Confirm
      open
      title={`Remove ${model.title}?`}
      description={`Frees ${size(model.size_bytes)}. It can be installed again later.`}
      action="Remove"
      busy={erase.isPending}
      error={erase.isError && <ErrorNote error={erase.error} className="mb-4" />}
      onConfirm={() => erase.mutate()}
      onClose={onClose}
    />
  );
}

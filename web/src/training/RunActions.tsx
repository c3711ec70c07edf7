/** What can be done with a run: pause, stop, resume in the open; the rest in a menu. */
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import Copy from "lucide-react/icons/copy";
import Ellipsis from "lucide-react/icons/ellipsis";
import Pause from "lucide-react/icons/pause";
import Play from "lucide-react/icons/play";
import Save from "lucide-react/icons/save";
import Square from "lucide-react/icons/square";
import Trash2 from "lucide-react/icons/trash-2";
import { useState } from "react";
import { keys, queryClient } from "@/api/queryClient";
import { deleteRun, tellRun, trainingKeys, type RunOut } from "@/api/training";
import { IconButton } from "@/kit/Button";
import { Confirm } from "@/kit/Dialog";
import { ErrorNote } from "@/kit/Feedback";
import { Menu, type MenuEntry } from "@/kit/Menu";
import { showToast } from "@/kit/toasts";
import { canResume, isLive } from "./words";

type Word = "pause" | "stop" | "save" | "resume";
const refresh = (name: string) => {
  void queryClient.invalidateQueries({ queryKey: trainingKeys.runs });
  void queryClient.invalidateQueries({ queryKey: trainingKeys.run(name) });
};

export function RunActions({ run, onDeleted }: { run: RunOut; onDeleted?: () => void }) {
  const navigate = useNavigate();
  const [deleting, setDeleting] = useState(false);
  const tell = useMutation({ mutationFn: (word: Word) => tellRun(run.name, word), onSettled: () => refresh(run.name), onError: (error) => showToast(error.message, "bad") });
  const live = isLive(run.state);
  const asked = run.state === "pausing" || run.state === "stopping";
  const entries: MenuEntry[] = [
    { kind: "item", label: "Save a checkpoint now", icon: Save, disabled: run.state !== "running", onSelect: () => tell.mutate("save") },
    { kind: "item", label: "Clone into a new run", icon: Copy, onSelect: () => void navigate({ to: "/train/new", search: { clone: run.name } }) },
    { kind: "line" },
    { kind: "item", label: "Delete", icon: Trash2, danger: true, disabled: live && run.state !== "queued", onSelect: () => setDeleting(true) },
  ];
  return (
    <div className="flex items-center">
      {live && <IconButton label={`Pause ${run.name}: save and go on later`} icon={Pause} disabled={asked || tell.isPending} onClick={() => tell.mutate("pause")} />}
      {live && <IconButton label={`Stop ${run.name} and keep what it learned so far`} icon={Square} disabled={asked || tell.isPending} onClick={() => tell.mutate("stop")} />}
      {canResume(run.state) && <IconButton label={`Resume ${run.name}`} icon={Play} disabled={tell.isPending} onClick={() => tell.mutate("resume")} />}
      <Menu align="end" entries={entries} trigger={<IconButton label={`Actions for ${run.name}`} icon={Ellipsis} />} />
      {deleting && <DeleteRun run={run} onClose={() => setDeleting(false)} onDeleted={onDeleted} />}
    </div>
  );
}

function DeleteRun({ run, onClose, onDeleted }: { run: RunOut; onClose: () => void; onDeleted?: () => void }) {
  const erase = useMutation({
    mutationFn: () => deleteRun(run.name),
    onSuccess: () => {
      onClose();
      onDeleted?.();
      void queryClient.invalidateQueries({ queryKey: trainingKeys.runs });
      void queryClient.invalidateQueries({ queryKey: keys.models });
    },
  });
  return (
    <Confirm
      open
      title={`Delete ${run.name}?`}
      description={run.served ? "Its checkpoints, metrics and the model it made are gone for good; conversations with that model can still be read." : "Its checkpoints and metrics are gone for good."}
      action="Delete"
      busy={erase.isPending}
      error={erase.isError && <ErrorNote error={erase.error} className="mb-4" />}
      onConfirm={() => erase.mutate()}
      onClose={onClose}
    />
  );
}

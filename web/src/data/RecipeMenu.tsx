/** The recipe as a file: save it, use another one; rename or delete the data set. */
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import Download from "lucide-react/icons/download";
import Ellipsis from "lucide-react/icons/ellipsis";
import Pencil from "lucide-react/icons/pencil";
import Trash2 from "lucide-react/icons/trash-2";
import Upload from "lucide-react/icons/upload";
import { useRef, useState } from "react";
import { changeDataset, dataKeys, deleteDataset, readRecipe, takeRecipe, type DatasetOut } from "@/api/data";
import { queryClient } from "@/api/queryClient";
import { IconButton } from "@/kit/Button";
import { Confirm, Dialog } from "@/kit/Dialog";
import { ErrorNote } from "@/kit/Feedback";
import { Menu } from "@/kit/Menu";
import { NameDialog } from "@/kit/NameDialog";
import { showToast } from "@/kit/toasts";

interface RecipeMenuProps {
  dataset: DatasetOut;
  flush: () => Promise<void>;
  /** The recipe was replaced as a whole. */
  onReplaced: () => void;
}

export function RecipeMenu({ dataset, flush, onReplaced }: RecipeMenuProps) {
  const [open, setOpen] = useState<"rename" | "delete" | null>(null);
  const input = useRef<HTMLInputElement>(null);
  const take = useMutation({
    mutationFn: async (file: File) => takeRecipe(dataset.id, await file.text()),
    onSuccess: (saved) => {
      queryClient.setQueryData(dataKeys.dataset(dataset.id), saved);
      onReplaced();
      showToast("The recipe is in use.");
    },
  });
  const save = useMutation({
    mutationFn: async () => {
      await flush();
      return (await readRecipe(dataset.id)).yaml;
    },
    onSuccess: (yaml) => offerFile(`${dataset.name}.yaml`, yaml),
    onError: (error) => showToast(error.message, "bad"),
  });
  return (
    <>
      <input
        ref={input}
        type="file"
        accept=".yaml,.yml"
        hidden
        data-testid="recipe-file"
        onChange={(event) => {
          const file = event.target.files?.[0];
          if (file) take.mutate(file);
          event.target.value = "";
        }}
      />
      <Menu
        align="end"
        trigger={<IconButton label="More: recipe, name, delete" icon={Ellipsis} />}
        entries={[
          { kind: "item", label: "Save the recipe as a file", icon: Download, onSelect: () => save.mutate() },
          { kind: "item", label: "Use a recipe from a file", icon: Upload, onSelect: () => input.current?.click() },
          { kind: "line" },
          { kind: "item", label: "Rename", icon: Pencil, onSelect: () => setOpen("rename") },
          { kind: "item", label: "Delete the data set", icon: Trash2, danger: true, onSelect: () => setOpen("delete") },
        ]}
      />
      {take.error && (
        <Dialog open onClose={() => take.reset()} title="This recipe cannot be used">
          <ErrorNote error={take.error} />
        </Dialog>
      )}
      {open === "rename" && <Rename dataset={dataset} onClose={() => setOpen(null)} />}
      {open === "delete" && <Erase dataset={dataset} onClose={() => setOpen(null)} />}
    </>
  );
}

/** Let the browser save a text as a file. */
function offerFile(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "application/yaml" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

function Rename({ dataset, onClose }: { dataset: DatasetOut; onClose: () => void }) {
  const rename = useMutation({
    mutationFn: (name: string) => changeDataset(dataset.id, { name }),
    onSuccess: (saved) => {
      queryClient.setQueryData(dataKeys.dataset(dataset.id), saved);
      onClose();
    },
  });
  return <NameDialog title="Rename the data set" label="Name" action="Rename" initial={dataset.name} busy={rename.isPending} error={rename.error} onName={(name) => rename.mutate(name)} onClose={onClose} />;
}

function Erase({ dataset, onClose }: { dataset: DatasetOut; onClose: () => void }) {
  const navigate = useNavigate();
  const erase = useMutation({
    mutationFn: () => deleteDataset(dataset.id),
    onSuccess: async () => {
      await navigate({ to: "/data" });
      await queryClient.invalidateQueries({ queryKey: dataKeys.datasets });
    },
  });
  return (
    <Confirm
      open
      title="Delete this data set?"
      description={`“${dataset.name}”, its recipe and the rows made by it will be gone for good. The files you uploaded stay.`}
      action="Delete"
      busy={erase.isPending}
      error={erase.isError && <ErrorNote error={erase.error} className="mb-4" />}
      onConfirm={() => erase.mutate()}
      onClose={onClose}
    />
  );
}

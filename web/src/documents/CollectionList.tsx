/** The collections, and making, renaming and deleting them. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import Ellipsis from "lucide-react/icons/ellipsis";
import FolderPlus from "lucide-react/icons/folder-plus";
import Pencil from "lucide-react/icons/pencil";
import Trash2 from "lucide-react/icons/trash-2";
import { useState } from "react";
import { collectionsQuery, createCollection, deleteCollection, renameCollection } from "@/api/documents";
import { keys, queryClient } from "@/api/queryClient";
import type { CollectionOut } from "@/api/types";
import { Button, IconButton } from "@/kit/Button";
import { cx } from "@/kit/cx";
import { Confirm } from "@/kit/Dialog";
import { ErrorNote, Skeleton } from "@/kit/Feedback";
import { count } from "@/kit/format";
import { Menu, type MenuEntry } from "@/kit/Menu";
import { NameDialog } from "@/kit/NameDialog";
import { ListColumn } from "@/shell/ListColumn";

type Open = { kind: "new" } | { kind: "rename" | "delete"; collection: CollectionOut } | null;
const refresh = () => queryClient.invalidateQueries({ queryKey: keys.collections });

export function CollectionList({ currentId, crowded }: { currentId: string | null; crowded: boolean }) {
  const { data, error, refetch } = useQuery(collectionsQuery);
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  return (
    <ListColumn label="Collections" crowded={crowded}>
      <div className="p-3">
        <Button icon={FolderPlus} className="w-full" onClick={() => setOpen({ kind: "new" })}>
          New collection
        </Button>
      </div>
      <nav aria-label="Collections" className="min-h-0 flex-1 overflow-y-auto px-3 pb-3">
        {error && !data && <ErrorNote error={error} onRetry={() => void refetch()} />}
        {!data && !error && <Skeleton lines={4} className="px-2" />}
        {data?.length === 0 && <p className="px-2 py-3 text-muted">A collection holds documents that are asked together.</p>}
        <ul>
          {data?.map((collection) => (
            <Row key={collection.id} collection={collection} current={collection.id === currentId} onOpen={setOpen} />
          ))}
        </ul>
      </nav>
      {open?.kind === "new" && <NewCollection onClose={close} />}
      {open?.kind === "rename" && <RenameCollection collection={open.collection} onClose={close} />}
      {open?.kind === "delete" && <DeleteCollection collection={open.collection} onClose={close} />}
    </ListColumn>
  );
}

function Row({ collection, current, onOpen }: { collection: CollectionOut; current: boolean; onOpen: (open: Open) => void }) {
  const entries: MenuEntry[] = [
    { kind: "item", label: "Rename", icon: Pencil, onSelect: () => onOpen({ kind: "rename", collection }) },
    { kind: "item", label: "Delete", icon: Trash2, danger: true, onSelect: () => onOpen({ kind: "delete", collection }) },
  ];
  return (
    <li className={cx("group/row flex items-center rounded-lg", current ? "bg-accent-soft" : "hover:bg-hover")}>
      <Link to="/documents" search={{ collection: collection.id }} aria-current={current ? "page" : undefined} className="min-w-0 flex-1 py-2 pl-2.5">
        <span className={cx("block truncate", current && "font-medium text-accent")}>{collection.name}</span>
        <span className="block text-[13px] text-muted">
          {count(collection.document_count, "document")} · {count(collection.passage_count, "passage")}
        </span>
      </Link>
      <Menu
        entries={entries}
        trigger={
          <IconButton
            label={`Actions for ${collection.name}`}
            icon={Ellipsis}
            className={cx(!current && "opacity-0 group-focus-within/row:opacity-100 group-hover/row:opacity-100 aria-expanded:opacity-100")}
          />
        }
      />
    </li>
  );
}

function NewCollection({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate();
  const create = useMutation({
    mutationFn: createCollection,
    onSuccess: async (made) => {
      await refresh();
      onClose();
      await navigate({ to: "/documents", search: { collection: made.id } });
    },
  });
  return <NameDialog title="New collection" label="Name" action="Create" busy={create.isPending} error={create.error} onName={(name) => create.mutate(name)} onClose={onClose} />;
}

function RenameCollection({ collection, onClose }: { collection: CollectionOut; onClose: () => void }) {
  const rename = useMutation({
    mutationFn: (name: string) => renameCollection(collection.id, name),
    onSuccess: () => {
      void refresh();
      onClose();
    },
  });
  return (
    <NameDialog title="Rename the collection" label="Name" action="Rename" initial={collection.name} busy={rename.isPending} error={rename.error} onName={(name) => rename.mutate(name)} onClose={onClose} />
  );
}

function DeleteCollection({ collection, onClose }: { collection: CollectionOut; onClose: () => void }) {
  const navigate = useNavigate();
  const erase = useMutation({
    mutationFn: () => deleteCollection(collection.id),
    onSuccess: async () => {
      await navigate({ to: "/documents", search: {} });
      queryClient.removeQueries({ queryKey: keys.documents(collection.id) });
      void refresh();
      onClose();
    },
  });
  return (
    <Confirm
      open
      title={`Delete “${collection.name}”?`}
      description={`Its ${count(collection.document_count, "document")}, with their text and vectors, will be gone from this machine for good. Conversations stay, but their citations will no longer open.`}
      action="Delete everything in it"
      busy={erase.isPending}
      error={erase.isError && <ErrorNote error={erase.error} className="mb-4" />}
      onConfirm={() => erase.mutate()}
      onClose={onClose}
    />
  );
}

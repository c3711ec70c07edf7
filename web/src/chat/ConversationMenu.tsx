/** Rename, export or delete a conversation. */
import { useMutation } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { FileDown, FileJson, Pencil, Trash2 } from "lucide-react";
import { useState } from "react";
import { changeConversation, conversationQuery, deleteConversation } from "@/api/chat";
import { queryClient } from "@/api/queryClient";
import type { ConversationDetail, ConversationOut } from "@/api/types";
import { Confirm } from "@/kit/Dialog";
import { ErrorNote } from "@/kit/Feedback";
import { Menu, type MenuEntry, type MenuProps } from "@/kit/Menu";
import { NameDialog } from "@/kit/NameDialog";
import { showToast } from "@/kit/toasts";
import { changeCached } from "./cache";
import { asJson, asMarkdown, fileName, saveText } from "./exportConversation";

interface ConversationMenuProps {
  conversation: ConversationOut;
  trigger: MenuProps["trigger"];
  align?: "start" | "end";
}

export function ConversationMenu({ conversation, trigger, align = "start" }: ConversationMenuProps) {
  const [open, setOpen] = useState<"rename" | "delete" | null>(null);
  const save = async (extension: "md" | "json") => {
    try {
      const detail: ConversationDetail = await queryClient.fetchQuery(conversationQuery(conversation.id));
      const text = extension === "md" ? asMarkdown(detail) : asJson(detail);
      saveText(text, fileName(detail.title, extension), extension === "md" ? "text/markdown" : "application/json");
    } catch (error) {
      showToast(error instanceof Error ? error.message : String(error), "bad");
    }
  };
  const entries: MenuEntry[] = [
    { kind: "item", label: "Rename", icon: Pencil, onSelect: () => setOpen("rename") },
    { kind: "item", label: "Export as Markdown", icon: FileDown, onSelect: () => void save("md") },
    { kind: "item", label: "Export as JSON", icon: FileJson, onSelect: () => void save("json") },
    { kind: "line" },
    { kind: "item", label: "Delete", icon: Trash2, danger: true, onSelect: () => setOpen("delete") },
  ];
  return (
    <>
      <Menu trigger={trigger} align={align} entries={entries} />
      {open === "rename" && <Rename conversation={conversation} onClose={() => setOpen(null)} />}
      {open === "delete" && <Delete conversation={conversation} onClose={() => setOpen(null)} />}
    </>
  );
}

const refreshList = () => queryClient.invalidateQueries({ queryKey: ["conversations"] });

function Rename({ conversation, onClose }: { conversation: ConversationOut; onClose: () => void }) {
  const rename = useMutation({
    mutationFn: (title: string) => changeConversation(conversation.id, { title }),
    onSuccess: (changed) => {
      changeCached(conversation.id, (known) => ({ ...known, title: changed.title }));
      void refreshList();
      onClose();
    },
  });
  return (
    <NameDialog title="Rename the conversation" label="Title" action="Rename" initial={conversation.title} busy={rename.isPending} error={rename.error} onName={(title) => rename.mutate(title)} onClose={onClose} />
  );
}

function Delete({ conversation, onClose }: { conversation: ConversationOut; onClose: () => void }) {
  const navigate = useNavigate();
  const { conversationId } = useParams({ strict: false });
  const erase = useMutation({
    mutationFn: () => deleteConversation(conversation.id),
    onSuccess: () => {
      if (conversationId === conversation.id) void navigate({ to: "/chat" });
      void refreshList();
      onClose();
    },
  });
  return (
    <Confirm
      open
      title="Delete this conversation?"
      description={`“${conversation.title}” and all its answers will be gone for good. Your documents stay.`}
      action="Delete"
      busy={erase.isPending}
      error={erase.isError && <ErrorNote error={erase.error} className="mb-4" />}
      onConfirm={() => erase.mutate()}
      onClose={onClose}
    />
  );
}

/** Rename, export or delete a conversation. */
import FileDown from "lucide-react/icons/file-down";
import FileJson from "lucide-react/icons/file-json";
import Pencil from "lucide-react/icons/pencil";
import Trash2 from "lucide-react/icons/trash-2";
import { lazy, Suspense, useState } from "react";
import { conversationQuery } from "@/api/chat";
import { queryClient } from "@/api/queryClient";
import type { ConversationDetail, ConversationOut } from "@/api/types";
import { Menu, type MenuEntry, type MenuProps } from "@/kit/Menu";
import { showToast } from "@/kit/toasts";

const ConversationDialog = lazy(() => import("./ConversationDialog"));

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
      const { asJson, asMarkdown, fileName, saveText } = await import("./exportConversation");
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
      {open && (
        <Suspense>
          <ConversationDialog kind={open} conversation={conversation} onClose={() => setOpen(null)} />
        </Suspense>
      )}
    </>
  );
}

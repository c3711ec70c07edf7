/** The questions behind the menu of a conversation: its new name, and whether it is to go. */
import { useMutation } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { changeConversation, deleteConversation } from "@/api/chat";
import { queryClient } from "@/api/queryClient";
import type { ConversationOut } from "@/api/types";
import { Confirm } from "@/kit/Dialog";
import { ErrorNote } from "@/kit/Feedback";
import { NameDialog } from "@/kit/NameDialog";
import { changeCached } from "./cache";

interface ConversationDialogProps {
  kind: "rename" | "delete";
  conversation: ConversationOut;
  onClose: () => void;
}

export default function ConversationDialog({ kind, ...rest }: ConversationDialogProps) {
  return kind === "rename" ? <Rename {...rest} /> : <Delete {...rest} />;
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

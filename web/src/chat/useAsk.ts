/** Sending: a first question makes the conversation, an edit asks again beside the old question. */
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { ask, createConversation, regenerate } from "@/api/chat";
import { keys, queryClient } from "@/api/queryClient";
import { addMessages, followAnswer, seedConversation } from "./cache";
import { usualCollections } from "./usePicks";

export interface Question {
  content: string;
  parentId: string | null;
  /** Null starts a new conversation with the documents that are picked. */
  conversationId: string | null;
  model: string | null;
}

export function useAsk() {
  const navigate = useNavigate();
  return useMutation({
    mutationFn: async (question: Question) => {
      let id = question.conversationId;
      if (id === null) {
        const conversation = await createConversation({ collection_ids: await usualCollections(), model: question.model ?? undefined });
        seedConversation(conversation);
        id = conversation.id;
      }
      const { user, answer } = await ask(id, question.content, question.parentId);
      addMessages(id, [user, answer]);
      followAnswer(id, answer.id);
      void queryClient.invalidateQueries({ queryKey: ["conversations"] });
      // The server names a conversation after its first question.
      void queryClient.invalidateQueries({ queryKey: keys.conversation(id) });
      return { id, isNew: question.conversationId === null };
    },
    onSuccess: ({ id, isNew }) => {
      // The old drawer belongs to an old answer.
      void navigate({ to: "/chat/$conversationId", params: { conversationId: id }, search: {}, replace: !isNew });
    },
  });
}

export function useRegenerate(conversationId: string) {
  return useMutation({
    mutationFn: (messageId: string) => regenerate(messageId),
    onSuccess: ({ answer }) => {
      addMessages(conversationId, [answer]);
      followAnswer(conversationId, answer.id);
    },
  });
}

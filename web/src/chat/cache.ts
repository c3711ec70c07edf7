/** What a conversation's cache entry looks like after each event, and following the answers in it. */
import { keys, queryClient } from "@/api/queryClient";
import type { ConversationDetail, ConversationOut, MessageOut } from "@/api/types";
import { withMessages } from "./branches";
import { liveAnswers } from "./liveAnswers";

export function changeCached(conversationId: string, change: (conversation: ConversationDetail) => ConversationDetail): void {
  queryClient.setQueryData<ConversationDetail>(keys.conversation(conversationId), (known) => known && change(known));
}

/** Add messages and look at the last of them. */
export function addMessages(conversationId: string, messages: readonly MessageOut[]): void {
  const leaf = messages.at(-1);
  changeCached(conversationId, (known) => ({ ...known, messages: withMessages(known.messages, messages), leaf_id: leaf?.id ?? known.leaf_id }));
}

export function replaceMessage(conversationId: string, message: MessageOut): void {
  changeCached(conversationId, (known) => ({ ...known, messages: withMessages(known.messages, [message]) }));
}

/** Start the cache entry of a conversation that was made just now. */
export function seedConversation(conversation: ConversationOut): void {
  queryClient.setQueryData<ConversationDetail>(keys.conversation(conversation.id), { ...conversation, messages: [] });
}

/** Follow an answer; when it is done, its final form takes the place of the stream. */
export function followAnswer(conversationId: string, messageId: string): void {
  void liveAnswers.follow(messageId, {
    finished: (message) => {
      replaceMessage(conversationId, message);
      void queryClient.invalidateQueries({ queryKey: ["conversations"] });
    },
    failed: () => queryClient.invalidateQueries({ queryKey: keys.conversation(conversationId) }),
  });
}

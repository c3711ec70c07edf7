/** Conversations and their messages. The answer itself comes as events: see chat/liveAnswers.ts. */
import { queryOptions } from "@tanstack/react-query";
import { address, call } from "./call";
import { keys } from "./queryClient";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type ConversationChange = Schemas["ConversationChange"];

export const conversationsQuery = (query: string) =>
  queryOptions({
    queryKey: keys.conversations(query),
    queryFn: ({ signal }) => call("get", "/api/conversations", { query: { query }, signal }),
    placeholderData: (previous) => previous,
  });
export const conversationQuery = (conversation_id: string) =>
  queryOptions({
    queryKey: keys.conversation(conversation_id),
    queryFn: ({ signal }) => call("get", "/api/conversations/{conversation_id}", { path: { conversation_id }, signal }),
  });

export const createConversation = (body: Schemas["NewConversation"]) => call("post", "/api/conversations", { body });
export const changeConversation = (conversation_id: string, body: ConversationChange) =>
  call("patch", "/api/conversations/{conversation_id}", { path: { conversation_id }, body });
export const deleteConversation = (conversation_id: string) => call("delete", "/api/conversations/{conversation_id}", { path: { conversation_id } });

export const ask = (conversation_id: string, content: string, parent_id: string | null) =>
  call("post", "/api/conversations/{conversation_id}/messages", { path: { conversation_id }, body: { content, parent_id } });
export const regenerate = (message_id: string) => call("post", "/api/messages/{message_id}/regenerate", { path: { message_id } });
export const stopAnswer = (message_id: string) => call("post", "/api/messages/{message_id}/stop", { path: { message_id } });
export const rate = (message_id: string, rating: 1 | -1 | null) => call("patch", "/api/messages/{message_id}", { path: { message_id }, body: { rating } });
export const answerEventsUrl = (message_id: string) => address("/api/messages/{message_id}/events", { message_id });

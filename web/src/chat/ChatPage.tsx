/** Ask: the conversations, the thread, the composer, and the sources beside an answer. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import Ellipsis from "lucide-react/icons/ellipsis";
import { lazy, Suspense, useCallback, useEffect, useMemo } from "react";
import { changeConversation, conversationQuery, rate, stopAnswer } from "@/api/chat";
import type { ConversationDetail, MessageOut } from "@/api/types";
import { DropZone } from "@/documents/DropZone";
import { useAddFiles } from "@/documents/useAddFiles";
import { useUploads } from "@/documents/uploads";
import { IconButton } from "@/kit/Button";
import { ErrorNote, Skeleton } from "@/kit/Feedback";
import { prefetch } from "@/kit/prefetch";
import { showToast } from "@/kit/toasts";
import { PageHeader } from "@/shell/PageHeader";
import { branch, newestLeaf } from "./branches";
import { changeCached, followAnswer, replaceMessage } from "./cache";
import { Composer } from "./Composer";
import { ConversationList } from "./ConversationList";
import { ConversationMenu } from "./ConversationMenu";
import { useLiveAnswer } from "./liveAnswers";
import { NewChat } from "./NewChat";
import type { ChatSearch } from "./search";
import type { ThreadActions } from "./threadActions";
import { useAsk, useRegenerate } from "./useAsk";
import { useDraft } from "./useDraft";
import { usePicks } from "./usePicks";

const ChatUploads = lazy(() => import("./ChatUploads"));
const SourcesDrawer = lazy(() => import("./SourcesDrawer"));
const loadThread = () => import("./Thread");
const Thread = lazy(loadThread);
/** Whoever types will soon read an answer. */
const preload = () => {
  prefetch(loadThread);
  prefetch(() => import("./Markdown"));
};
const noMessages: readonly MessageOut[] = [];

export function ChatPage() {
  const { conversationId = null } = useParams({ strict: false });
  const search = useSearch({ strict: false }) as ChatSearch;
  const { data: conversation, error, refetch } = useQuery({ ...conversationQuery(conversationId ?? ""), enabled: conversationId !== null });
  const turns = useMemo(() => branch(conversation?.messages ?? noMessages, conversation?.leaf_id ?? null), [conversation]);
  const streaming = turns.find((turn) => turn.message.streaming)?.message ?? null;
  const open = turns.find((turn) => turn.message.id === search.answer)?.message ?? null;
  const [draft, setDraft] = useDraft(conversationId);
  const picks = usePicks(conversation ?? null);
  const files = useAddFiles(picks.collectionIds[0] ?? null);
  const uploads = useUploads();
  const ask = useAsk();
  const stop = useStop(streaming);
  const move = useMove(conversationId);
  const actions = useThreadActions(conversation ?? null, streaming !== null || ask.isPending, ask.mutate, move, picks.model);
  useFollowing(conversation ?? null);
  useEscape(streaming ? stop : open ? () => move({}) : null);

  const changeDraft = (text: string) => {
    ask.reset(); // a new try begins: the old failure is read
    setDraft(text);
  };
  const send = (content: string) => {
    const parentId = turns.at(-1)?.message.id ?? null;
    const question = { content: content.trim(), parentId, conversationId, model: picks.model };
    ask.mutate(question, { onSuccess: () => setDraft("") });
  };
  const onFiles = async (chosen: File[]) => {
    const collection = await files.add(chosen);
    if (collection && !picks.collectionIds.includes(collection.id)) picks.pickCollections([...picks.collectionIds, collection.id]);
  };

  return (
    <>
      <ConversationList currentId={conversationId} crowded={open !== null} />
      <DropZone target={files.target} onFiles={(chosen) => void onFiles(chosen)}>
        <div className="flex min-w-0 flex-1 flex-col">
          <PageHeader
            title={conversationId === null ? "New chat" : (conversation?.title ?? "Chat")}
            actions={conversation && <ConversationMenu conversation={conversation} align="end" trigger={<IconButton label="Actions for this conversation" icon={Ellipsis} />} />}
          />
          {conversationId === null && <NewChat picks={picks} onAsk={send} onFiles={(chosen) => void onFiles(chosen)} />}
          {conversationId !== null && error && !conversation && (
            <div className="flex-1 p-6">
              <ErrorNote error={error} onRetry={() => void refetch()} />
            </div>
          )}
          {conversationId !== null && !conversation && !error && <Skeleton lines={6} className="mx-auto w-full max-w-[696px] flex-1 pt-8" />}
          {conversation && (
            <Suspense fallback={<div className="flex-1" />}>
              <Thread conversationId={conversation.id} turns={turns} selected={search} actions={actions} />
            </Suspense>
          )}
          <Composer text={draft} onText={changeDraft} onSend={() => send(draft)} onTyping={preload} onStop={streaming ? stop : null} sending={ask.isPending} picks={picks} onFiles={(chosen) => void onFiles(chosen)}>
            <Suspense>{uploads.length > 0 && <ChatUploads uploads={uploads} />}</Suspense>
            {ask.isError && <ErrorNote error={ask.error} className="mb-3" />}
          </Composer>
        </div>
        {open && <OpenDrawer message={open} search={search} onMove={move} />}
      </DropZone>
    </>
  );
}

function OpenDrawer({ message, search, onMove }: { message: MessageOut; search: ChatSearch; onMove: (search: ChatSearch) => void }) {
  const live = useLiveAnswer(message.id);
  return (
    <Suspense>
      <SourcesDrawer message={message} hits={live?.hits ?? message.hits} search={search} onMove={onMove} onClose={() => onMove({})} />
    </Suspense>
  );
}

/** Change what the side panel shows; it is part of the address. */
function useMove(conversationId: string | null) {
  const navigate = useNavigate();
  return useCallback(
    (search: ChatSearch) => {
      if (conversationId) void navigate({ to: "/chat/$conversationId", params: { conversationId }, search });
    },
    [navigate, conversationId],
  );
}

/** Pick up the stream of every answer that is being written, after a reload too. */
function useFollowing(conversation: ConversationDetail | null) {
  useEffect(() => {
    for (const message of conversation?.messages ?? []) {
      if (message.streaming && conversation) followAnswer(conversation.id, message.id);
    }
  }, [conversation]);
}

function useStop(streaming: MessageOut | null) {
  const stop = useMutation({ mutationFn: stopAnswer, onError: (error) => showToast(`Not stopped: ${error.message}`, "bad") });
  const { mutate } = stop;
  return useCallback(() => streaming && mutate(streaming.id), [mutate, streaming]);
}

function useEscape(action: (() => void) | null) {
  useEffect(() => {
    if (!action) return;
    const onKey = (event: KeyboardEvent) => {
      const inside = event.target instanceof Element && event.target.closest("[role=menu], [role=dialog]");
      if (event.key === "Escape" && !event.defaultPrevented && !event.isComposing && !inside) action();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [action]);
}

type Ask = ReturnType<typeof useAsk>["mutate"];

function useThreadActions(
  conversation: ConversationDetail | null,
  busy: boolean,
  ask: Ask,
  move: (search: ChatSearch) => void,
  model: string | null,
): ThreadActions {
  const id = conversation?.id ?? "";
  const again = useRegenerate(id);
  const show = (messageId: string) => {
    const leaf = newestLeaf(conversation?.messages ?? [], messageId);
    changeCached(id, (known) => ({ ...known, leaf_id: leaf }));
    // Only remembers where the reader was; the branch is shown already.
    changeConversation(id, { leaf_id: leaf }).catch((error: Error) => showToast(`The branch was not remembered: ${error.message}`, "bad"));
  };
  const rateAs = useMutation({
    mutationFn: ({ messageId, rating }: { messageId: string; rating: 1 | -1 | null }) => rate(messageId, rating),
    onSuccess: (message) => replaceMessage(id, message),
    onError: (error) => showToast(`The rating was not kept: ${error.message}`, "bad"),
  });
  return {
    busy: busy || again.isPending,
    regenerate: (messageId) => again.mutate(messageId, { onError: (error) => showToast(error.message, "bad") }),
    edit: (message, content) =>
      ask({ content, parentId: message.parent_id, conversationId: id, model }, { onError: (error) => showToast(error.message, "bad") }),
    show,
    rate: (messageId, rating) => rateAs.mutate({ messageId, rating }),
    openCitation: (messageId, cite) => move({ answer: messageId, cite }),
    openPassage: (messageId, passage) => move({ answer: messageId, passage }),
    openSources: (messageId) => move({ answer: messageId }),
  };
}

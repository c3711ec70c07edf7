/** The documents and the model of a conversation; for a new one, what was picked last. */
import { useQuery } from "@tanstack/react-query";
import { changeConversation } from "@/api/chat";
import { collectionsQuery } from "@/api/documents";
import type { ConversationDetail } from "@/api/types";
import { useStored, writeStored } from "@/kit/stored";
import { showToast } from "@/kit/toasts";
import { changeCached } from "./cache";
import type { Picks } from "./Composer";

const COLLECTIONS = "picked-collections";
const MODEL = "picked-model";

export function usePicks(conversation: ConversationDetail | null): Picks {
  const { data: collections } = useQuery(collectionsQuery);
  const stored = readIds(useStored(COLLECTIONS));
  const storedModel = useStored(MODEL);
  const all = collections?.map((one) => one.id) ?? [];
  // Whoever never chose asks everything: the first question after the first upload just works.
  const usual = stored === null ? all : stored.filter((id) => all.includes(id));
  const change = (body: { collection_ids: string[] } | { model: string }) => {
    if (!conversation) return;
    changeCached(conversation.id, (known) => ({ ...known, ...body }));
    changeConversation(conversation.id, body).catch((error: Error) => showToast(`The choice was not kept: ${error.message}`, "bad"));
  };
  return {
    collectionIds: conversation ? conversation.collection_ids : usual,
    model: conversation ? conversation.model : storedModel,
    pickCollections: (ids) => {
      writeStored(COLLECTIONS, sameSet(ids, all) ? null : JSON.stringify(ids));
      change({ collection_ids: ids });
    },
    pickModel: (name) => {
      writeStored(MODEL, name);
      change({ model: name });
    },
  };
}

const sameSet = (ids: readonly string[], all: readonly string[]) => all.length > 0 && all.every((id) => ids.includes(id));

function readIds(text: string | null): string[] | null {
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value.map(String) : null;
  } catch {
    return null; // not written by us: as if nothing was chosen
  }
}

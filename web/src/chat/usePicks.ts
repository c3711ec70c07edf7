/** The documents and the model of a conversation; for a new one, what was picked last. */
import { useQuery } from "@tanstack/react-query";
import { changeConversation } from "@/api/chat";
import { collectionsQuery } from "@/api/documents";
import { queryClient } from "@/api/queryClient";
import type { ConversationDetail } from "@/api/types";
import { readStored, useStored, writeStored } from "@/kit/stored";
import { showToast } from "@/kit/toasts";
import { changeCached } from "./cache";
import type { Picks } from "./Composer";

const COLLECTIONS = "picked-collections";
const MODEL = "picked-model";

export function usePicks(conversation: ConversationDetail | null): Picks {
  const { data: collections } = useQuery(collectionsQuery);
  const stored = useStored(COLLECTIONS);
  const storedModel = useStored(MODEL);
  const all = collections?.map((one) => one.id) ?? [];
  const change = (body: { collection_ids: string[] } | { model: string }) => {
    if (!conversation) return;
    changeCached(conversation.id, (known) => ({ ...known, ...body }));
    changeConversation(conversation.id, body).catch((error: Error) => showToast(`The choice was not kept: ${error.message}`, "bad"));
  };
  return {
    collectionIds: conversation ? conversation.collection_ids : usual(stored, all),
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

/** The collections that a new conversation asks, read from the server if they are not known yet. */
export async function usualCollections(): Promise<string[]> {
  const collections = await queryClient.ensureQueryData(collectionsQuery);
  return usual(readStored(COLLECTIONS), collections.map((one) => one.id));
}

/** What was picked last; whoever never chose asks everything, so the first question after the first upload just works. */
export function usual(stored: string | null, all: readonly string[]): string[] {
  const ids = readIds(stored);
  const left = ids?.filter((id) => all.includes(id)) ?? [];
  // Picked collections that are all gone are no choice of the model alone.
  return ids === null || (ids.length > 0 && !left.length) ? [...all] : left;
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

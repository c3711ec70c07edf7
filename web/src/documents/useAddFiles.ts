/** Put files into a collection, making the first one when there is none. */
import { useQuery } from "@tanstack/react-query";
import { collectionsQuery, createCollection } from "@/api/documents";
import { keys, queryClient } from "@/api/queryClient";
import type { CollectionOut } from "@/api/types";
import { showToast } from "@/kit/toasts";
import { addUploads } from "./uploads";

export const FIRST_COLLECTION = "My documents";

/** `preferred`: the collection to use if it exists. Returns where files will go and the function that sends them there. */
export function useAddFiles(preferred: string | null) {
  const { data: collections } = useQuery(collectionsQuery);
  const target = collections?.find((one) => one.id === preferred) ?? collections?.[0];
  const add = async (files: File[]): Promise<CollectionOut | null> => {
    try {
      const collection = target ?? (await createCollection(FIRST_COLLECTION));
      if (!target) await queryClient.invalidateQueries({ queryKey: keys.collections });
      addUploads(collection.id, files);
      return collection;
    } catch (error) {
      showToast(`The files were not added: ${error instanceof Error ? error.message : String(error)}`, "bad");
      return null;
    }
  };
  return { target: target?.name ?? FIRST_COLLECTION, add };
}

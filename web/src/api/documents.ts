/** Collections, documents, their pages, and search. */
import { queryOptions } from "@tanstack/react-query";
import { address, call } from "./call";
import { keys } from "./queryClient";
import { readItem, readList } from "./reading";
import type { components } from "./schema";

export const collectionsQuery = queryOptions({ queryKey: keys.collections, queryFn: ({ signal }) => call("get", "/api/collections", { signal }) });
export const documentsQuery = (collection_id: string) =>
  queryOptions({
    queryKey: keys.documents(collection_id),
    queryFn: ({ queryKey, signal }) => readList(queryKey, () => call("get", "/api/collections/{collection_id}/documents", { path: { collection_id }, signal })),
  });
export const documentQuery = (document_id: string) =>
  queryOptions({
    queryKey: keys.document(document_id),
    queryFn: ({ queryKey, signal }) => readItem(queryKey, () => call("get", "/api/documents/{document_id}", { path: { document_id }, signal })),
  });

// A page is asked for by version: a citation then opens what it was made from. A version never changes, so it is read once.
export const pagesQuery = (document_id: string, version: string | null) =>
  queryOptions({
    queryKey: keys.pages(document_id, version),
    queryFn: ({ signal }) => call("get", "/api/documents/{document_id}/pages", { path: { document_id }, signal }),
    staleTime: Infinity,
  });
export const pageQuery = (document_id: string, version: string | null, number: number) =>
  queryOptions({
    queryKey: keys.page(document_id, version, number),
    queryFn: ({ signal }) => call("get", "/api/documents/{document_id}/pages/{number}", { path: { document_id, number }, query: { version }, signal }),
    staleTime: Infinity,
  });
export const boxesQuery = (document_id: string, version: string | null, number: number, start: number, end: number) =>
  queryOptions({
    queryKey: keys.boxes(document_id, version, number, start, end),
    queryFn: async ({ signal }) => {
      const path = { document_id, number };
      return (await call("get", "/api/documents/{document_id}/pages/{number}/boxes", { path, query: { start, end, version }, signal })).boxes;
    },
    staleTime: Infinity,
  });
export const pictureUrl = (document_id: string, number: number, width: number, version: string | null) =>
  address("/api/documents/{document_id}/pages/{number}/picture", { document_id, number }, { width, version });
export const fileUrl = (document_id: string) => address("/api/documents/{document_id}/file", { document_id });

export const createCollection = (name: string) => call("post", "/api/collections", { body: { name } });
export const renameCollection = (collection_id: string, name: string) =>
  call("patch", "/api/collections/{collection_id}", { path: { collection_id }, body: { name } });
export const deleteCollection = (collection_id: string) => call("delete", "/api/collections/{collection_id}", { path: { collection_id } });
export const deleteDocument = (document_id: string) => call("delete", "/api/documents/{document_id}", { path: { document_id } });
export const retryDocument = (document_id: string) => call("post", "/api/documents/{document_id}/retry", { path: { document_id } });
export const search = (body: components["schemas"]["SearchRequest"]) => call("post", "/api/search", { body });

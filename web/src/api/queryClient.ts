/** The cache of everything read from the server, and the keys its entries have. */
import { QueryClient } from "@tanstack/react-query";
import { ApiError } from "./client";

// The server is on this machine, most often: it is there while the browser believes to be offline.
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      networkMode: "always",
      staleTime: 15_000,
      retry: (count, error) => count < 2 && (!(error instanceof ApiError) || error.offline || error.status >= 502),
      refetchOnWindowFocus: true,
    },
    mutations: { retry: false, networkMode: "always" },
  },
});

export const keys = {
  status: ["status"] as const,
  users: ["users"] as const,
  apiKeys: ["keys"] as const,
  settings: ["settings"] as const,
  collections: ["collections"] as const,
  documents: (collectionId: string) => ["documents", collectionId] as const,
  document: (documentId: string) => ["document", documentId] as const,
  pages: (documentId: string, versionId: string | null) => ["pages", documentId, versionId] as const,
  page: (documentId: string, versionId: string | null, number: number) => ["page", documentId, versionId, number] as const,
  boxes: (documentId: string, versionId: string | null, number: number, start: number, end: number) =>
    ["boxes", documentId, versionId, number, start, end] as const,
  conversations: (query: string) => ["conversations", query] as const,
  conversation: (conversationId: string) => ["conversation", conversationId] as const,
  models: ["models"] as const,
  jobs: ["jobs"] as const,
};

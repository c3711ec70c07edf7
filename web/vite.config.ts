import tailwind from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const backend = process.env.HEADWATER_URL ?? "http://127.0.0.1:7860";

const main = new URL("./src/main.tsx", import.meta.url).pathname;
const first = new Map<string, boolean>();

/** Whether a module is needed before the first page is drawn: reached from main.tsx by static imports alone. */
function isFirst(id: string, info: (id: string) => { importers: readonly string[] } | null): boolean {
  const known = first.get(id);
  if (known !== undefined) return known;
  first.set(id, id === main); // a circle of imports adds nothing
  const reached = id === main || (info(id)?.importers ?? []).some((importer) => isFirst(importer, info));
  first.set(id, reached);
  return reached;
}

export default defineConfig({
  plugins: [react(), tailwind()],
  resolve: { alias: { "@": new URL("./src", import.meta.url).pathname } },
  // The server swaps this word for a fresh nonce in every answer.
  html: { cspNonce: "__NONCE__" },
  build: {
    outDir: "../headwater/server/static",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    manifest: true,
    target: "es2022",
    rolldownOptions: {
      output: {
        // One file for all that the first page runs: each further file would cost a request and its headers.
        codeSplitting: { groups: [{ debugName: "first page", name: (id, context) => (id.includes("rolldown/runtime") || isFirst(id, (one) => context.getModuleInfo(one)) ? "app" : null) }] },
      },
    },
  },
  server: { proxy: { "/api": backend, "/v1": backend } },
  test: { environment: "jsdom", globals: true, setupFiles: ["src/test-setup.ts"], css: false, pool: "threads" },
});

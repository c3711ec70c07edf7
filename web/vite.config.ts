import tailwind from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const backend = process.env.HEADWATER_URL ?? "http://127.0.0.1:7860";

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
        codeSplitting: {
          groups: [
            { name: "react", test: /node_modules[\\/](react|react-dom|scheduler|@tanstack|clsx)[\\/]|rolldown[\\/-]runtime/ },
            { name: "base", test: /src[\\/](api|kit)[\\/](?!MenuBody)/ },
          ],
        },
      },
    },
  },
  server: { proxy: { "/api": backend, "/v1": backend } },
  test: { environment: "jsdom", globals: true, setupFiles: ["src/test-setup.ts"], css: false },
});

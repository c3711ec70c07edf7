/** Small choices of this browser (theme, shortcuts, last collections), kept in its own storage. */
import { useSyncExternalStore } from "react";

const watchers = new Set<() => void>();
const memory = new Map<string, string>();

/** Read a choice; null when it was never made. */
export function readStored(name: string): string | null {
  try {
    return localStorage.getItem(`headwater.${name}`);
  } catch {
    return memory.get(name) ?? null; // storage is blocked: the choice lasts as long as the page
  }
}

/** Keep a choice, or forget it with null. */
export function writeStored(name: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(`headwater.${name}`);
    else localStorage.setItem(`headwater.${name}`, value);
  } catch {
    if (value === null) memory.delete(name);
    else memory.set(name, value);
  }
  for (const watcher of watchers) watcher();
}

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  window.addEventListener("storage", watcher);
  return () => {
    watchers.delete(watcher);
    window.removeEventListener("storage", watcher);
  };
}

export const useStored = (name: string) => useSyncExternalStore(watch, () => readStored(name));

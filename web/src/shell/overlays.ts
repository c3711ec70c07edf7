/** Which of the shell's own overlays is open: only one at a time. */
import { useSyncExternalStore } from "react";

export type Overlay = "palette" | "shortcuts" | "menu" | null;

let current: Overlay = null;
const watchers = new Set<() => void>();

export function openOverlay(overlay: Overlay): void {
  current = overlay;
  for (const watcher of watchers) watcher();
}

export const currentOverlay = () => current;

export const useOverlay = () =>
  useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => current,
  );

/** Whether a media query holds now. */
import { useSyncExternalStore } from "react";

export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (changed) => {
      const list = window.matchMedia(query);
      list.addEventListener("change", changed);
      return () => list.removeEventListener("change", changed);
    },
    () => window.matchMedia(query).matches,
  );
}

/** From here up the rail and the drawer stand beside the page; below they are sheets. */
export const useWide = () => useMedia("(min-width: 900px)");

/** The keyboard: Ctrl K anywhere; single keys only outside of fields, and only while they are switched on. */
import { useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";
import { readStored } from "@/kit/stored";
import { places } from "./navigation";
import { currentOverlay, openOverlay } from "./overlays";

/** How long after g the next key still counts. */
const SEQUENCE_MILLISECONDS = 1200;

export const shortcutsOn = () => readStored("shortcuts") !== "off";

/** Whether a key press belongs to a field, a menu or a dialog rather than to the page. */
export function isTaken(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return true;
  const target = event.target instanceof Element ? event.target : null;
  return Boolean(target?.closest("input, textarea, select, [contenteditable=true], [role=menu], [role=dialog]"));
}

export function useShortcuts() {
  const navigate = useNavigate();
  useEffect(() => {
    let goPressed = 0;
    const onKey = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
        event.preventDefault();
        openOverlay(currentOverlay() === "palette" ? null : "palette");
        return;
      }
      if (!shortcutsOn() || isTaken(event)) return;
      const place = event.timeStamp - goPressed < SEQUENCE_MILLISECONDS ? places.find((one) => one.key === event.key) : undefined;
      goPressed = event.key === "g" ? event.timeStamp : 0;
      if (place) void navigate({ to: place.to });
      else if (event.key === "?") openOverlay("shortcuts");
      else if (event.key === "n") void navigate({ to: "/chat" });
      else if (event.key === "/") focusSearch();
      else return;
      event.preventDefault();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [navigate]);
}

/** Put the cursor into the page's search field, or open the palette where it has none. */
function focusSearch(): void {
  const field = document.querySelector<HTMLInputElement>("[data-search]");
  if (field) field.focus();
  else openOverlay("palette");
}

/** Short notes about background work. Everything else is said where it happened. */
import X from "lucide-react/icons/x";
import { useSyncExternalStore } from "react";
import { IconButton } from "./Button";
import { cx } from "./cx";

interface Toast {
  id: number;
  text: string;
  tone: "good" | "bad";
}

let toasts: readonly Toast[] = [];
let nextId = 1;
const watchers = new Set<() => void>();
const SHOWN_MILLISECONDS = 6000;

function change(next: readonly Toast[]): void {
  toasts = next;
  for (const watcher of watchers) watcher();
}

/** Show a note for some seconds; a failure stays until it is closed. */
export function showToast(text: string, tone: Toast["tone"] = "good"): void {
  const toast = { id: nextId++, text, tone };
  change([...toasts.slice(-3), toast]);
  if (tone === "good") setTimeout(() => closeToast(toast.id), SHOWN_MILLISECONDS);
}

const closeToast = (id: number) => change(toasts.filter((toast) => toast.id !== id));

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

export function Toasts() {
  const shown = useSyncExternalStore(watch, () => toasts);
  return (
    <div role="status" aria-label="Notices" className="pointer-events-none fixed top-16 right-4 z-50 flex w-[min(360px,calc(100vw-32px))] flex-col gap-2">
      {shown.map((toast) => (
        <div key={toast.id} className="fade-in pointer-events-auto flex items-center gap-3 rounded-lg border bg-raised py-2 pr-2 pl-4 shadow-[0_4px_24px_rgb(0_0_0/0.14)]">
          <span className={cx("size-2 shrink-0 rounded-full", toast.tone === "good" ? "bg-good" : "bg-bad")} />
          <span className="min-w-0 flex-1 break-words">{toast.text}</span>
          <IconButton label="Close notice" icon={X} onClick={() => closeToast(toast.id)} />
        </div>
      ))}
    </div>
  );
}

/** The page's own list (conversations, collections, sections): a column, or part of the menu sheet on a small screen. */
import { createContext, useContext, type ReactNode } from "react";
import { createPortal } from "react-dom";
import { Layer } from "@/kit/layer";
import { useMedia, useWide } from "@/kit/useMedia";

/** Where the open menu sheet wants the page's list; null while it is closed. */
export const SheetSlot = createContext<HTMLElement | null>(null);

interface ListColumnProps {
  label: string;
  /** Something else stands beside the page: on a middling screen the list makes room for it. */
  crowded?: boolean;
  children: ReactNode;
}

export function ListColumn({ label, crowded = false, children }: ListColumnProps) {
  const wide = useWide();
  const roomy = useMedia("(min-width: 1200px)");
  const slot = useContext(SheetSlot);
  if (wide && crowded && !roomy) return null;
  if (wide) {
    return (
      <section aria-label={label} className="flex h-dvh w-64 shrink-0 flex-col border-r bg-panel">
        {children}
      </section>
    );
  }
  if (!slot) return null;
  // Menus of the list must open inside the sheet's dialog, which this is drawn into but not a child of.
  const list = (
    <Layer value={slot.closest("dialog")}>
      <section aria-label={label} className="flex min-h-0 flex-1 flex-col">
        {children}
      </section>
    </Layer>
  );
  return createPortal(list, slot);
}

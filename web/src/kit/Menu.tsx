/** Drop-down menus. What draws them is a chunk of its own, fetched when a menu is first reached for. */
import type { LucideIcon } from "lucide-react";
import { cloneElement, lazy, Suspense, useState, type KeyboardEvent, type ReactElement } from "react";
import { prefetch } from "./prefetch";

export type MenuEntry =
  | { kind: "item"; label: string; icon?: LucideIcon; hint?: string; danger?: boolean; disabled?: boolean; onSelect: () => void }
  | { kind: "check"; label: string; hint?: string; checked: boolean; keepOpen?: boolean; onChange: (checked: boolean) => void }
  | { kind: "label"; label: string }
  | { kind: "line" };

type TriggerProps = Record<string, unknown>;

export interface MenuProps {
  /** A button. */
  trigger: ReactElement<TriggerProps>;
  entries: readonly MenuEntry[];
  align?: "start" | "end";
  side?: "top" | "bottom";
}

const load = () => import("./MenuBody");
const MenuBody = lazy(load);

export function Menu(props: MenuProps) {
  const [opened, setOpened] = useState(false);
  const closed = cloneElement(props.trigger, {
    "aria-haspopup": "menu",
    "aria-expanded": false,
    onPointerEnter: () => prefetch(load),
    onFocus: () => prefetch(load),
    onClick: () => setOpened(true),
    onKeyDown: (event: KeyboardEvent) => {
      if (event.key !== "ArrowDown") return;
      event.preventDefault();
      setOpened(true);
    },
  });
  if (!opened) return closed;
  return (
    <Suspense fallback={closed}>
      <MenuBody {...props} />
    </Suspense>
  );
}

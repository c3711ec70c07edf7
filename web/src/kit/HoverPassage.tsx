/** A card that shows a passage while its number is hovered or focused. It can be hovered itself, and Escape hides it. */
import { cloneElement, useEffect, useId, useLayoutEffect, useRef, useState, type ReactElement } from "react";
import { createPortal } from "react-dom";
import { flowing } from "./format";
import { useLayer } from "./layer";

interface HoverPassageProps {
  /** A button. */
  trigger: ReactElement<Record<string, unknown>>;
  title: string;
  place: string | null;
  quote: string;
}

const OPEN_MILLISECONDS = 150;
const CLOSE_MILLISECONDS = 120;
const GAP_PIXELS = 6;
const EDGE_PIXELS = 12;

export function HoverPassage({ trigger, title, place, quote }: HoverPassageProps) {
  const id = useId();
  const anchor = useRef<HTMLElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const [shown, setShown] = useState(false);
  const soon = (next: boolean) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setShown(next), next ? OPEN_MILLISECONDS : CLOSE_MILLISECONDS);
  };
  useEffect(() => () => clearTimeout(timer.current), []);
  useEffect(() => {
    if (!shown) return;
    const hide = (event: KeyboardEvent) => event.key === "Escape" && (event.preventDefault(), setShown(false));
    // Captured, so that the same Escape does not also close what lies behind.
    window.addEventListener("keydown", hide, true);
    return () => window.removeEventListener("keydown", hide, true);
  }, [shown]);
  return (
    <>
      {cloneElement(trigger, {
        ref: anchor,
        "aria-describedby": shown ? id : undefined,
        onPointerEnter: () => soon(true),
        onPointerLeave: () => soon(false),
        onFocus: (event: React.FocusEvent) => event.target.matches(":focus-visible") && soon(true),
        onBlur: () => soon(false),
      })}
      {shown && (
        <Card id={id} anchor={anchor.current} onEnter={() => soon(true)} onLeave={() => soon(false)}>
          <span className="mb-1.5 flex gap-2 text-[13px] text-muted">
            <span className="truncate font-medium text-fg">{title}</span>
            {place && <span className="shrink-0">{place}</span>}
          </span>
          <span className="line-clamp-6">{flowing(quote)}</span>
        </Card>
      )}
    </>
  );
}

interface CardProps {
  id: string;
  anchor: HTMLElement | null;
  onEnter: () => void;
  onLeave: () => void;
  children: React.ReactNode;
}

/** Below the anchor, or above it where there is no room below. */
function Card({ id, anchor, onEnter, onLeave, children }: CardProps) {
  const card = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState({ left: 0, top: 0 });
  useLayoutEffect(() => {
    if (!anchor || !card.current) return;
    const from = anchor.getBoundingClientRect();
    const { width, height } = card.current.getBoundingClientRect();
    const below = from.bottom + GAP_PIXELS;
    const left = Math.min(Math.max(EDGE_PIXELS, from.left + from.width / 2 - width / 2), window.innerWidth - width - EDGE_PIXELS);
    setAt({ left, top: below + height > window.innerHeight - EDGE_PIXELS ? from.top - GAP_PIXELS - height : below });
  }, [anchor]);
  return createPortal(
    <div
      ref={card}
      id={id}
      role="tooltip"
      onPointerEnter={onEnter}
      onPointerLeave={onLeave}
      style={at}
      className="fade-in fixed z-50 w-[min(380px,calc(100vw-24px))] rounded-lg border bg-raised p-4 text-[14px] leading-normal shadow-[0_4px_24px_rgb(0_0_0/0.14)]"
    >
      {children}
    </div>,
    useLayer(),
  );
}

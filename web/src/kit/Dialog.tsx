/** Dialogs on the browser's own: it keeps the focus inside, closes on Escape and gives the focus back. */
import X from "lucide-react/icons/x";
import { useEffect, useId, useState, type MouseEvent, type ReactNode } from "react";
import { createPortal } from "react-dom";
import { Button, IconButton } from "./Button";
import { cx } from "./cx";
import { Layer } from "./layer";

interface DialogProps {
  open: boolean;
  onClose: () => void;
  title: string;
  description?: ReactNode;
  children?: ReactNode;
  side?: "center" | "left" | "right" | "top";
  hideTitle?: boolean;
}

const places = {
  center: "m-auto max-h-[calc(100dvh-32px)] w-[min(480px,calc(100vw-32px))] overflow-y-auto rounded-xl border p-6",
  top: "mx-auto mt-[12vh] max-h-[76dvh] w-[min(600px,calc(100vw-32px))] overflow-hidden rounded-xl border",
  left: "m-0 h-dvh max-h-none w-[min(320px,88vw)] overflow-y-auto border-r open:animate-[slide-left_120ms_ease-out]",
  right: "m-0 ml-auto h-dvh max-h-none w-[min(560px,100vw)] max-w-none overflow-hidden border-l open:animate-[slide-right_120ms_ease-out]",
};

export function Dialog(props: DialogProps) {
  return props.open ? createPortal(<OpenDialog {...props} />, document.body) : null;
}

function OpenDialog({ onClose, title, description, children, side = "center", hideTitle = false }: DialogProps) {
  const id = useId();
  const [element, setElement] = useState<HTMLDialogElement | null>(null);
  useEffect(() => {
    if (!element) return;
    const before = document.activeElement;
    element.showModal();
    // React's autoFocus ran before the dialog was shown, so it is repeated here.
    element.querySelector<HTMLElement>("[data-autofocus]")?.focus();
    return () => {
      element.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, [element]);
  const closeOnBackdrop = (event: MouseEvent) => event.target === element && isOutside(event, element) && onClose();
  return (
    <dialog
      ref={setElement}
      aria-labelledby={`${id}-title`}
      aria-describedby={description ? `${id}-description` : undefined}
      className={cx("bg-bg text-fg shadow-[0_8px_40px_rgb(0_0_0/0.18)] backdrop:bg-black/35", places[side])}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onMouseDown={closeOnBackdrop}
    >
      <Layer value={element}>
        <div className={cx(hideTitle ? "sr-only" : "mb-4 flex items-start justify-between gap-4")}>
          <h2 id={`${id}-title`} className="text-base font-semibold">
            {title}
          </h2>
          {!hideTitle && <IconButton label="Close" icon={X} onClick={onClose} className="-mt-1 -mr-2" />}
        </div>
        {description && (
          <div id={`${id}-description`} className="mb-4 text-muted">
            {description}
          </div>
        )}
        {children}
      </Layer>
    </dialog>
  );
}

function isOutside(event: MouseEvent, element: HTMLElement): boolean {
  const box = element.getBoundingClientRect();
  return event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom;
}

interface ConfirmProps {
  open: boolean;
  title: string;
  description: ReactNode;
  action: string;
  busy?: boolean;
  error?: ReactNode;
  onConfirm: () => void;
  onClose: () => void;
}

/** Ask before something is lost. The safe button has the focus. */
export function Confirm({ open, title, description, action, busy, error, onConfirm, onClose }: ConfirmProps) {
  return (
    <Dialog open={open} onClose={onClose} title={title} description={description}>
      {error}
      <div className="flex justify-end gap-2">
        <Button onClick={onClose} data-autofocus>
          Keep
        </Button>
        <Button variant="danger" onClick={onConfirm} disabled={busy}>
          {action}
        </Button>
      </div>
    </Dialog>
  );
}

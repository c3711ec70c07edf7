/** Where a question is written: the text, the documents it asks, the model that answers. */
import ArrowUp from "lucide-react/icons/arrow-up";
import Paperclip from "lucide-react/icons/paperclip";
import Square from "lucide-react/icons/square";
import { useEffect, useLayoutEffect, useRef, type KeyboardEvent, type ReactNode } from "react";
import { IconButton } from "@/kit/Button";
import { cx } from "@/kit/cx";
import { CollectionPicker } from "./CollectionPicker";
import { ModelPicker } from "./ModelPicker";

export interface Picks {
  collectionIds: string[];
  model: string | null;
  pickCollections: (ids: string[]) => void;
  pickModel: (name: string) => void;
}

interface ComposerProps {
  text: string;
  onText: (text: string) => void;
  onSend: () => void;
  /** Somebody types: what shows the answer can be fetched. */
  onTyping: () => void;
  /** Set while an answer is written. */
  onStop: (() => void) | null;
  sending: boolean;
  picks: Picks;
  onFiles: (files: File[]) => void;
  /** Notes above the field: uploads, an error. */
  children?: ReactNode;
}

const MOST_PIXELS = 220;

export function Composer({ text, onText, onSend, onTyping, onStop, sending, picks, onFiles, children }: ComposerProps) {
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    field.current?.focus({ preventScroll: true });
  }, []);
  useLayoutEffect(() => grow(field.current), [text]);
  const canSend = text.trim() !== "" && !onStop && !sending;
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    if (canSend) onSend();
  };
  return (
    <div className="shrink-0 px-4 pb-4 wide:px-8">
      <div className="mx-auto max-w-[696px]">
        {children}
        <form
          aria-label="Ask"
          onSubmit={(event) => {
            event.preventDefault();
            if (canSend) onSend();
          }}
          className="rounded-2xl border border-line-strong bg-raised focus-within:border-accent"
        >
          <textarea
            ref={field}
            rows={1}
            aria-label="Your question"
            placeholder={picks.collectionIds.length ? "Ask your documents" : "Ask the model"}
            className="block max-h-[220px] w-full resize-none bg-transparent px-4 pt-3.5 pb-1 text-base outline-none placeholder:text-muted"
            value={text}
            onChange={(event) => {
              onTyping();
              onText(event.target.value);
            }}
            onKeyDown={onKey}
          />
          <div className="flex items-center gap-1 px-2 pb-2">
            <FileButton onFiles={onFiles} />
            <CollectionPicker chosen={picks.collectionIds} onChoose={picks.pickCollections} />
            <ModelPicker chosen={picks.model} onChoose={picks.pickModel} />
            <span className="flex-1" />
            {onStop ? (
              <IconButton label="Stop (Esc)" icon={Square} size={14} onClick={onStop} className="size-9 rounded-full bg-fg text-bg hover:bg-muted hover:text-bg" />
            ) : (
              <IconButton
                label="Send (Enter)"
                type="submit"
                icon={ArrowUp}
                size={18}
                disabled={!canSend}
                className={cx("size-9 rounded-full", canSend ? "bg-accent text-on-accent hover:bg-accent-strong hover:text-on-accent" : "bg-hover")}
              />
            )}
          </div>
        </form>
      </div>
    </div>
  );
}

function grow(field: HTMLTextAreaElement | null): void {
  if (!field) return;
  field.style.height = "auto";
  field.style.height = `${Math.min(field.scrollHeight, MOST_PIXELS)}px`;
}

function FileButton({ onFiles }: { onFiles: (files: File[]) => void }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label="Files to add"
        onChange={(event) => {
          onFiles([...(event.target.files ?? [])]);
          event.target.value = "";
        }}
      />
      <IconButton label="Add files" icon={Paperclip} onClick={() => input.current?.click()} />
    </>
  );
}

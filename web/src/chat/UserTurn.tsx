/** One question, and editing it: the old one stays as another version. */
import Pencil from "lucide-react/icons/pencil";
import { useState, type KeyboardEvent } from "react";
import { Button, IconButton } from "@/kit/Button";
import { CopyButton } from "@/kit/CopyButton";
import { inputClass } from "@/kit/Field";
import { cx } from "@/kit/cx";
import type { Turn } from "./branches";
import type { ThreadActions } from "./threadActions";
import { VersionSwitch } from "./VersionSwitch";

export function UserTurn({ turn, actions }: { turn: Turn; actions: ThreadActions }) {
  const [editing, setEditing] = useState(false);
  const { message } = turn;
  if (editing) return <EditQuestion turn={turn} actions={actions} onClose={() => setEditing(false)} />;
  return (
    <article aria-label="Question" className="flex flex-col items-end">
      <p className="max-w-[85%] rounded-2xl rounded-br-md bg-hover px-4 py-2.5 text-base break-words whitespace-pre-wrap">{message.content}</p>
      <div className="mt-1 flex items-center">
        <CopyButton text={message.content} />
        <IconButton label="Edit and ask again" icon={Pencil} disabled={actions.busy} onClick={() => setEditing(true)} />
        <VersionSwitch turn={turn} onSwitch={actions.show} />
      </div>
    </article>
  );
}

function EditQuestion({ turn, actions, onClose }: { turn: Turn; actions: ThreadActions; onClose: () => void }) {
  const [text, setText] = useState(turn.message.content);
  const send = () => {
    if (!text.trim()) return;
    actions.edit(turn.message, text.trim());
    onClose();
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key === "Escape") {
      event.stopPropagation();
      onClose();
    } else if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) {
      event.preventDefault();
      send();
    }
  };
  return (
    <div className="space-y-2">
      <textarea
        autoFocus
        aria-label="Edit the question"
        rows={Math.min(8, text.split("\n").length + 1)}
        className={cx(inputClass, "py-2 text-base")}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKey}
      />
      <div className="flex items-center justify-end gap-2">
        <span className="mr-auto text-[13px] text-muted">The old question stays as another version.</span>
        <Button small onClick={onClose}>
          Cancel
        </Button>
        <Button small variant="primary" onClick={send} disabled={!text.trim() || actions.busy}>
          Ask again
        </Button>
      </div>
    </div>
  );
}

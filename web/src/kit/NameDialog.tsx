/** Ask for a name. */
import { useState } from "react";
import { Button } from "./Button";
import { Dialog } from "./Dialog";
import { ErrorNote } from "./Feedback";
import { TextField } from "./Field";

interface NameDialogProps {
  title: string;
  label: string;
  action: string;
  initial?: string;
  hint?: string;
  busy: boolean;
  error: Error | null;
  onName: (name: string) => void;
  onClose: () => void;
}

export function NameDialog({ title, label, action, initial = "", hint, busy, error, onName, onClose }: NameDialogProps) {
  const [name, setName] = useState(initial);
  return (
    <Dialog open onClose={onClose} title={title}>
      <form
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          onName(name.trim());
        }}
      >
        <TextField label={label} hint={hint} value={name} maxLength={200} data-autofocus onChange={(event) => setName(event.target.value)} />
        {error && <ErrorNote error={error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" disabled={!name.trim() || busy}>
            {action}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

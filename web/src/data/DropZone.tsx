/** Where files of rows are dropped or chosen; they are sent at once, with measured progress. */
import Upload from "lucide-react/icons/upload";
import { useRef, useState, type DragEvent, type ReactNode } from "react";
import { Button } from "@/kit/Button";
import { cx } from "@/kit/cx";
import { ErrorNote, ProgressBar } from "@/kit/Feedback";
import { sendSources, type Sent } from "./sourceUploads";

interface DropZoneProps {
  /** Nothing is there yet: the zone is large and says what belongs here. */
  first: boolean;
  title: string;
  testId: string;
  onSent: (names: readonly string[]) => void;
  children: ReactNode;
}

export function DropZone({ first, title, testId, onSent, children }: DropZoneProps) {
  const input = useRef<HTMLInputElement>(null);
  const [share, setShare] = useState<number | null>(null);
  const [refused, setRefused] = useState<Sent["errors"]>([]);
  const [error, setError] = useState<unknown>(null);
  const [over, setOver] = useState(false);
  const send = async (files: readonly File[]) => {
    if (!files.length) return;
    setError(null);
    setRefused([]);
    setShare(0);
    try {
      const sent = await sendSources(files, setShare);
      setRefused(sent.errors);
      onSent(sent.sources.map((source) => source.name));
    } catch (problem) {
      setError(problem);
    } finally {
      setShare(null);
    }
  };
  const onDrag = (event: DragEvent, on: boolean) => {
    event.preventDefault();
    setOver(on);
  };
  return (
    <div className="space-y-2">
      <div
        className={cx("flex flex-col items-center gap-3 rounded-xl border-2 border-dashed px-4 text-center", first ? "py-10" : "py-4", over && "border-accent bg-accent-soft")}
        onDragOver={(event) => onDrag(event, true)}
        onDragLeave={(event) => onDrag(event, false)}
        onDrop={(event) => {
          onDrag(event, false);
          void send([...event.dataTransfer.files]);
        }}
      >
        {first && (
          <>
            <p className="text-base font-semibold">{title}</p>
            <div className="max-w-sm text-muted">{children}</div>
          </>
        )}
        <input
          ref={input}
          type="file"
          multiple
          hidden
          data-testid={testId}
          onChange={(event) => {
            void send([...(event.target.files ?? [])]);
            event.target.value = "";
          }}
        />
        <Button variant={first ? "primary" : "plain"} small={!first} icon={Upload} disabled={share !== null} onClick={() => input.current?.click()}>
          {first ? "Choose files" : "Add another file"}
        </Button>
        {share !== null && <ProgressBar done={share} total={1} label="Sending files" />}
      </div>
      {error !== null && <ErrorNote error={error} />}
      {refused.map((one) => (
        <p key={one.name} role="alert" className="rounded-lg bg-bad-soft px-4 py-2">
          <span className="font-medium">{one.name}:</span> {one.message} <span className="text-muted">{one.hint}</span>
        </p>
      ))}
    </div>
  );
}

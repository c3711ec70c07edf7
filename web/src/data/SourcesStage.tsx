/** The files that rows come from: upload, choose among those uploaded before, see what each holds. */
import Upload from "lucide-react/icons/upload";
import { useRef, useState, type DragEvent } from "react";
import type { SourceOut } from "@/api/data";
import { Button } from "@/kit/Button";
import { ErrorNote, ProgressBar } from "@/kit/Feedback";
import { size } from "@/kit/format";
import { cx } from "@/kit/cx";
import type { RecipeSource } from "./recipe";
import { SourceCard } from "./SourceCard";
import { sendSources, type Sent } from "./sourceUploads";
import type { StageProps } from "./stageProps";

export function SourcesStage({ draft, sources, catalogue }: StageProps) {
  const { recipe, change } = draft;
  const used = new Set(recipe.sources.map((source) => source.path));
  const others = sources.filter((source) => !used.has(source.name));
  const add = (names: readonly string[]) => {
    const fresh = names.filter((name) => !used.has(name)).map((path): RecipeSource => ({ path }));
    if (fresh.length) change({ ...recipe, sources: [...recipe.sources, ...fresh] });
  };
  return (
    <div className="space-y-3">
      <ul aria-label="Files of this data set" className="space-y-3">
        {recipe.sources.map((source, index) => (
          <SourceCard
            key={source.path}
            source={source}
            file={sources.find((one) => one.name === source.path)}
            formats={catalogue.formats}
            onChange={(next) => change({ ...recipe, sources: recipe.sources.map((one, at) => (at === index ? next : one)) })}
            onRemove={() => change({ ...recipe, sources: recipe.sources.filter((_, at) => at !== index) })}
          />
        ))}
      </ul>
      <Adder first={recipe.sources.length === 0} onAdd={add} />
      {others.length > 0 && <Others sources={others} onAdd={(name) => add([name])} />}
    </div>
  );
}

function Others({ sources, onAdd }: { sources: readonly SourceOut[]; onAdd: (name: string) => void }) {
  return (
    <section aria-label="Uploaded before">
      <h3 className="mb-1 text-[13px] text-muted">Uploaded before</h3>
      <ul className="divide-y rounded-xl border">
        {sources.slice(0, 20).map((source) => (
          <li key={source.id} className="flex items-center gap-3 px-4 py-1.5">
            <span className="min-w-0 flex-1 truncate">{source.name}</span>
            <span className="text-[13px] text-muted">{size(source.size)}</span>
            <Button small variant="ghost" aria-label={`Use ${source.name}`} onClick={() => onAdd(source.name)}>
              Use
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Adder({ first, onAdd }: { first: boolean; onAdd: (names: readonly string[]) => void }) {
  const input = useRef<HTMLInputElement>(null);
  const [share, setShare] = useState<number | null>(null);
  const [refused, setRefused] = useState<Sent["errors"]>([]);
  const [error, setError] = useState<Error | null>(null);
  const [over, setOver] = useState(false);
  const send = async (files: readonly File[]) => {
    if (!files.length) return;
    setError(null);
    setShare(0);
    try {
      const sent = await sendSources(files, setShare);
      setRefused(sent.errors);
      onAdd(sent.sources.map((source) => source.name));
    } catch (problem) {
      setError(problem instanceof Error ? problem : new Error(String(problem)));
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
            <p className="text-base font-semibold">Drop files with rows here</p>
            <p className="max-w-sm text-muted">Tables (CSV, Excel, Parquet), JSON and JSON Lines, plain text, each also zipped; or documents. They stay on this machine.</p>
          </>
        )}
        <input
          ref={input}
          type="file"
          multiple
          hidden
          data-testid="source-files"
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
      {error && <ErrorNote error={error} />}
      {refused.map((one) => (
        <p key={one.name} role="alert" className="rounded-lg bg-bad-soft px-4 py-2">
          <span className="font-medium">{one.name}:</span> {one.message} <span className="text-muted">{one.hint}</span>
        </p>
      ))}
    </div>
  );
}

/** Where the rows come from: a data set of the Data page, or files that are uploaded here. */
import { useQuery } from "@tanstack/react-query";
import Database from "lucide-react/icons/database";
import Trash2 from "lucide-react/icons/trash-2";
import Upload from "lucide-react/icons/upload";
import { useRef, useState, type DragEvent } from "react";
import { catalogueQuery, sourcesQuery } from "@/api/data";
import { queryClient } from "@/api/queryClient";
import { trainingKeys, type TrainingForm, type Values } from "@/api/training";
import type { RecipeSource } from "@/data/recipe";
import { SourceCard } from "@/data/SourceCard";
import { sendSources } from "@/data/sourceUploads";
import { Button, IconButton } from "@/kit/Button";
import { cx } from "@/kit/cx";
import { ErrorNote, ProgressBar } from "@/kit/Feedback";
import { inputClass } from "@/kit/Field";
import { valueAt, withValue } from "./fields";

const FILE = "file:";
const DATASET = "dataset:";
type Entry = { path: string; format?: string | null; mapping?: Record<string, string> } & Values;

interface DataPickProps {
  config: Values;
  form: TrainingForm;
  onChange: (config: Values) => void;
}

export function DataPick({ config, form, onChange }: DataPickProps) {
  const { data: sources = [] } = useQuery(sourcesQuery);
  const { data: catalogue } = useQuery(catalogueQuery);
  const found = valueAt(config, "data.train");
  const entries = (Array.isArray(found) ? found : []) as Entry[];
  const put = (next: readonly Entry[]) => onChange(withValue(config, "data.train", next.length ? next : undefined));
  const add = (paths: readonly string[]) => put([...entries, ...paths.filter((path) => !entries.some((entry) => entry.path === path)).map((path) => ({ path }))]);
  const replace = (index: number, source: RecipeSource) =>
    put(entries.map((entry, at) => (at === index ? { ...entry, format: source.format ?? null, mapping: source.mapping ?? {} } : entry)));
  const others = [...form.datasets.map((name) => ({ path: DATASET + name, label: `Data set: ${name}` })), ...sources.map((one) => ({ path: FILE + one.name, label: one.name }))].filter(
    (one) => !entries.some((entry) => entry.path === one.path),
  );
  return (
    <div className="space-y-3">
      {entries.length > 0 && (
        <ul aria-label="Rows of this run" className="space-y-3">
          {entries.map((entry, index) =>
            entry.path.startsWith(FILE) ? (
              <SourceCard
                key={entry.path}
                source={{ path: entry.path.slice(FILE.length), format: entry.format, ...(Object.keys(entry.mapping ?? {}).length ? { mapping: entry.mapping } : {}) }}
                file={sources.find((one) => FILE + one.name === entry.path)}
                formats={catalogue?.formats ?? []}
                onChange={(source) => replace(index, source)}
                onRemove={() => put(entries.filter((_, at) => at !== index))}
              />
            ) : (
              <li key={entry.path} className="flex items-center gap-3 rounded-xl border bg-raised py-2 pr-2 pl-4">
                <Database aria-hidden size={18} className="shrink-0 text-muted" />
                <span className="min-w-0 flex-1 truncate font-medium">{entry.path.replace(DATASET, "")}</span>
                <IconButton label={`Take out ${entry.path.replace(DATASET, "")}`} icon={Trash2} onClick={() => put(entries.filter((_, at) => at !== index))} />
              </li>
            ),
          )}
        </ul>
      )}
      <Adder first={entries.length === 0} onAdd={(names) => add(names.map((name) => FILE + name))} />
      {others.length > 0 && (
        <label className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <span className="text-muted">Or take what is here:</span>
          <select aria-label="Add rows that are here" className={cx(inputClass, "h-9 max-w-72")} value="" onChange={(event) => event.target.value && add([event.target.value])}>
            <option value="">choose…</option>
            {others.map((one) => (
              <option key={one.path} value={one.path}>
                {one.label}
              </option>
            ))}
          </select>
        </label>
      )}
    </div>
  );
}

function Adder({ first, onAdd }: { first: boolean; onAdd: (names: readonly string[]) => void }) {
  const input = useRef<HTMLInputElement>(null);
  const [share, setShare] = useState<number | null>(null);
  const [problems, setProblems] = useState<readonly unknown[]>([]);
  const [over, setOver] = useState(false);
  const send = async (files: readonly File[]) => {
    if (!files.length) return;
    setProblems([]);
    setShare(0);
    try {
      const sent = await sendSources(files, setShare);
      setProblems(sent.errors.map((one) => `${one.name}: ${one.message} ${one.hint ?? ""}`));
      onAdd(sent.sources.map((source) => source.name));
      void queryClient.invalidateQueries({ queryKey: trainingKeys.form });
    } catch (error) {
      setProblems([error]);
    } finally {
      setShare(null);
    }
  };
  const drag = (event: DragEvent, on: boolean) => {
    event.preventDefault();
    setOver(on);
  };
  return (
    <div className="space-y-2">
      <div
        className={cx("flex flex-col items-center gap-3 rounded-xl border-2 border-dashed px-4 text-center", first ? "py-8" : "py-3", over && "border-accent bg-accent-soft")}
        onDragOver={(event) => drag(event, true)}
        onDragLeave={(event) => drag(event, false)}
        onDrop={(event) => {
          drag(event, false);
          void send([...event.dataTransfer.files]);
        }}
      >
        {first && (
          <p className="max-w-md text-muted">
            Drop a table of questions and answers here: CSV, Excel, JSON Lines, Parquet, … Chats and plain texts work too. It stays on this machine.
          </p>
        )}
        <input
          ref={input}
          type="file"
          multiple
          hidden
          data-testid="training-files"
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
      {problems.map((problem, index) => (
        <ErrorNote key={index} error={problem} />
      ))}
    </div>
  );
}

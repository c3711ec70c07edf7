/** Where the rows come from: a data set of the Data page, or files that are uploaded here. */
import { useQuery } from "@tanstack/react-query";
import Database from "lucide-react/icons/database";
import Trash2 from "lucide-react/icons/trash-2";
import { catalogueQuery, sourcesQuery } from "@/api/data";
import { queryClient } from "@/api/queryClient";
import { trainingKeys, type TrainingForm, type Values } from "@/api/training";
import { DropZone } from "@/data/DropZone";
import type { RecipeSource } from "@/data/recipe";
import { SourceCard } from "@/data/SourceCard";
import { IconButton } from "@/kit/Button";
import { cx } from "@/kit/cx";
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
      <DropZone
        first={entries.length === 0}
        title="Drop questions and answers here"
        testId="training-files"
        onSent={(names) => {
          add(names.map((name) => FILE + name));
          void queryClient.invalidateQueries({ queryKey: trainingKeys.form });
        }}
      >
        A table (CSV, Excel, JSON Lines, Parquet), chats or plain texts. They stay on this machine.
      </DropZone>
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

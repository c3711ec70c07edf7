/** Which column holds what: needed where no known format fits, possible for every table. */
import { useId, useState } from "react";
import type { LookOut } from "@/api/data";
import { Button } from "@/kit/Button";
import { inputClass } from "@/kit/Field";
import { cx } from "@/kit/cx";
import type { RecipeSource } from "./recipe";
import { fieldText } from "./words";

const usual = ["question", "answer", "context", "system"] as const;
const further = ["summary", "text", "messages", "chosen", "rejected", "score", "language", "id"] as const;

interface MappingProps {
  look: LookOut;
  source: RecipeSource;
  onChange: (source: RecipeSource) => void;
}

export function Mapping({ look, source, onChange }: MappingProps) {
  const unknown = look.format === null;
  const [open, setOpen] = useState(unknown);
  const [mapping, setMapping] = useState<Record<string, string>>(source.mapping ?? look.mapping);
  if (look.columns.length < 2 && !unknown) return null;
  if (!open)
    return (
      <Button small variant="ghost" className="-ml-2" onClick={() => setOpen(true)}>
        Choose the columns yourself
      </Button>
    );
  const given = Object.fromEntries(Object.entries(mapping).filter(([, column]) => column));
  const enough = ["question", "messages", "text", "summary"].some((field) => given[field]);
  const more = further.some((field) => given[field]);
  return (
    <form
      className="space-y-3"
      onSubmit={(event) => {
        event.preventDefault();
        onChange({ ...source, format: null, mapping: given });
        setOpen(false);
      }}
    >
      {unknown && <p>This file is in no form that is known by its columns. Say which column is what; the likely ones are chosen.</p>}
      <RawRows look={look} />
      <div className="grid grid-cols-1 gap-2 wide:grid-cols-2">
        {usual.map((field) => (
          <Choice key={field} field={field} columns={look.columns} value={mapping[field] ?? ""} onChange={(column) => setMapping({ ...mapping, [field]: column })} />
        ))}
      </div>
      <details open={more}>
        <summary className="text-[13px] text-accent">Other parts: summaries, chats, preferences</summary>
        <div className="mt-2 grid grid-cols-1 gap-2 wide:grid-cols-2">
          {further.map((field) => (
            <Choice key={field} field={field} columns={look.columns} value={mapping[field] ?? ""} onChange={(column) => setMapping({ ...mapping, [field]: column })} />
          ))}
        </div>
      </details>
      <div className="flex flex-wrap gap-2">
        <Button type="submit" variant="primary" small disabled={!enough}>
          Use these columns
        </Button>
        {!unknown && (
          <Button
            small
            onClick={() => {
              setOpen(false);
              if (source.mapping) onChange({ path: source.path });
            }}
          >
            {source.mapping ? "Let it be told by the columns" : "Cancel"}
          </Button>
        )}
        {!enough && <p className="self-center text-[13px] text-muted">Choose at least a question, a text or a conversation.</p>}
      </div>
    </form>
  );
}

function Choice({ field, columns, value, onChange }: { field: string; columns: readonly string[]; value: string; onChange: (column: string) => void }) {
  const id = useId();
  return (
    <div>
      <label htmlFor={id} className="mb-0.5 block text-[13px] font-medium">
        {fieldText(field)}
      </label>
      <select id={id} className={cx(inputClass, "h-9")} value={value} onChange={(event) => onChange(event.target.value)}>
        <option value="">not in this file</option>
        {columns.map((column) => (
          <option key={column} value={column}>
            {column}
          </option>
        ))}
      </select>
    </div>
  );
}

/** The first rows as they stand in the file. */
function RawRows({ look }: { look: LookOut }) {
  if (!look.raw.length) return null;
  return (
    <div className="overflow-x-auto rounded-lg border" tabIndex={0} role="region" aria-label={`Columns of ${look.name}`}>
      <table className="w-full text-[13px]">
        <thead>
          <tr className="border-b bg-panel text-left">
            {look.columns.map((column) => (
              <th key={column} className="px-3 py-1 font-medium whitespace-nowrap">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {look.raw.slice(0, 3).map((row, index) => (
            <tr key={index} className="border-b align-top last:border-0">
              {look.columns.map((column) => (
                <td key={column} className="max-w-64 truncate px-3 py-1 text-muted">
                  {row[column] ?? ""}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

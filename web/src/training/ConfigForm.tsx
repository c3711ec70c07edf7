/** The settings of a run, made from the schema: the few that matter first, all the others folded by section. */
import { useState } from "react";
import type { Values } from "@/api/training";
import { TextField } from "@/kit/Field";
import { COMMON, isChanged, readGrid, sectionsOf, valueAt, withValue, type Field, type Section } from "./fields";
import { FieldInput } from "./FieldInput";

interface ConfigFormProps {
  schema: Values;
  config: Values;
  onChange: (config: Values) => void;
}

export function ConfigForm({ schema, config, onChange }: ConfigFormProps) {
  const sections = sectionsOf(schema);
  const all = sections.flatMap((section) => section.fields);
  const common = COMMON.flatMap((place) => all.filter((field) => field.place === place));
  const [query, setQuery] = useState("");
  const input = (field: Field) => <FieldInput key={field.place} field={field} value={valueAt(config, field.place)} onChange={(value) => onChange(withValue(config, field.place, value))} />;
  const words = query.trim().toLowerCase();
  const rest = sections.map((section) => ({ ...section, fields: section.fields.filter((field) => !(COMMON as readonly string[]).includes(field.place)) }));
  const shown = words ? rest.map((section) => ({ ...section, fields: section.fields.filter((field) => `${field.label} ${field.about} ${field.place}`.toLowerCase().includes(words)) })) : rest;
  const changed = rest.flatMap((section) => section.fields).filter((field) => isChanged(config, field)).length;
  return (
    <div className="space-y-5">
      <div className="grid grid-cols-1 gap-4 wide:grid-cols-2">{common.map(input)}</div>
      <details className="rounded-xl border bg-raised">
        <summary className="px-4 py-3 font-medium">
          All settings {changed > 0 && <span className="ml-1 text-[13px] font-normal text-accent">{changed} changed</span>}
        </summary>
        <div className="space-y-4 border-t px-4 py-4">
          <TextField label="Find a setting" hideLabel placeholder="Find a setting" value={query} onChange={(event) => setQuery(event.target.value)} />
          {shown.map((section) => section.fields.length > 0 && <Fold key={section.name} section={section} config={config} open={words !== ""} input={input} />)}
          {shown.every((section) => section.fields.length === 0) && <p className="text-muted">No setting is called that.</p>}
          {!words && <Grid config={config} onChange={onChange} fields={all.filter((field) => field.kind === "number" || field.kind === "choice")} />}
        </div>
      </details>
    </div>
  );
}

function Fold({ section, config, open, input }: { section: Section; config: Values; open: boolean; input: (field: Field) => React.ReactNode }) {
  const changed = section.fields.filter((field) => isChanged(config, field)).length;
  return (
    <details open={open || undefined}>
      <summary className="py-1">
        {section.title} <span className="text-[13px] text-muted">{section.fields.length}</span>
        {changed > 0 && <span className="ml-2 text-[13px] text-accent">{changed} changed</span>}
      </summary>
      <div className="mt-2 grid grid-cols-1 gap-4 pb-2 wide:grid-cols-2">{section.fields.map(input)}</div>
    </details>
  );
}

/** Several values of some settings: one run for each combination. */
function Grid({ config, onChange, fields }: { config: Values; onChange: (config: Values) => void; fields: readonly Field[] }) {
  const grid = (config.sweep ?? {}) as Record<string, unknown[]>;
  const [texts, setTexts] = useState<Record<string, string>>(() => Object.fromEntries(Object.entries(grid).map(([key, values]) => [key, values.join(", ")])));
  const put = (next: Record<string, string>) => {
    setTexts(next);
    const values = Object.fromEntries(Object.entries(next).map(([key, text]) => [key, readGrid(text)] as const).filter(([, list]) => list.length > 0));
    const rest = { ...config };
    delete rest.sweep;
    onChange(Object.keys(values).length ? { ...rest, sweep: values } : rest);
  };
  const runs = Object.values(texts).reduce((product, text) => product * Math.max(1, readGrid(text).length), 1);
  return (
    <details open={Object.keys(texts).length > 0 || undefined}>
      <summary className="py-1">
        Try several values <span className="text-[13px] text-muted">{runs > 1 ? `${runs} runs` : ""}</span>
      </summary>
      <div className="mt-2 space-y-3 pb-2">
        <p className="text-[13px] text-muted">One run is made for each combination, one after the other; the list then shows which was best.</p>
        {Object.entries(texts).map(([place, text]) => (
          <TextField key={place} label={place} placeholder="1e-4, 3e-4" hint="Values with commas between; empty it to leave it out." value={text} onChange={(event) => put(event.target.value ? { ...texts, [place]: event.target.value } : Object.fromEntries(Object.entries(texts).filter(([key]) => key !== place)))} />
        ))}
        <select aria-label="Add a setting to try" className="h-9 w-full max-w-72 rounded-lg border border-line-strong bg-raised px-3" value="" onChange={(event) => event.target.value && put({ ...texts, [event.target.value]: String(fields.find((field) => field.place === event.target.value)?.fallback ?? "1") })}>
          <option value="">Add a setting…</option>
          {fields
            .filter((field) => !(field.place in texts))
            .map((field) => (
              <option key={field.place} value={field.place}>
                {field.place}
              </option>
            ))}
        </select>
      </div>
    </details>
  );
}

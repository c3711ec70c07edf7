/** How a file is read, where a person knows better; and its licence, which is kept with every row. */
import { useId, useState } from "react";
import type { FormatOut, LookOut } from "@/api/data";
import { inputClass } from "@/kit/Field";
import { cx } from "@/kit/cx";
import type { RecipeSource } from "./recipe";

interface ReadingChoicesProps {
  source: RecipeSource;
  look: LookOut | undefined;
  formats: readonly FormatOut[];
  onChange: (source: RecipeSource) => void;
}

const units = [
  { value: "line", label: "each line" },
  { value: "paragraph", label: "each paragraph" },
  { value: "file", label: "the whole file" },
] as const;

export function ReadingChoices({ source, look, formats, onChange }: ReadingChoicesProps) {
  const id = useId();
  const [licence, setLicence] = useState(source.licence ?? "");
  const isText = /\.(txt|md)(\.(gz|xz|bz2))?$/i.test(source.path);
  const told = look?.detected ? `told by its columns (${look.title ?? look.format})` : "told by its columns";
  return (
    <details>
      <summary className="text-[13px] text-accent">
        More about this file<span className="sr-only">: {source.path}</span>
      </summary>
      <div className="mt-2 grid grid-cols-1 gap-2 wide:grid-cols-2">
        <div>
          <label htmlFor={`${id}-format`} className="mb-0.5 block text-[13px] font-medium">
            Read as
          </label>
          <select id={`${id}-format`} className={cx(inputClass, "h-9")} value={source.format ?? ""} onChange={(event) => onChange({ ...source, mapping: undefined, format: event.target.value || undefined })}>
            <option value="">{told}</option>
            {formats.map((format) => (
              <option key={format.name} value={format.name}>
                {format.title}
                {look?.others.includes(format.name) ? " (fits too)" : ""}
              </option>
            ))}
          </select>
        </div>
        {isText && (
          <div>
            <label htmlFor={`${id}-unit`} className="mb-0.5 block text-[13px] font-medium">
              A row is
            </label>
            <select id={`${id}-unit`} className={cx(inputClass, "h-9")} value={source.text_unit ?? "line"} onChange={(event) => onChange({ ...source, text_unit: event.target.value as RecipeSource["text_unit"] })}>
              {units.map((unit) => (
                <option key={unit.value} value={unit.value}>
                  {unit.label}
                </option>
              ))}
            </select>
          </div>
        )}
        <div>
          <label htmlFor={`${id}-licence`} className="mb-0.5 block text-[13px] font-medium">
            Licence
          </label>
          <input id={`${id}-licence`} className={cx(inputClass, "h-9")} placeholder="such as internal, or CC BY 4.0" value={licence} onChange={(event) => setLicence(event.target.value)} onBlur={() => onChange({ ...source, licence: licence.trim() || undefined })} />
        </div>
      </div>
    </details>
  );
}

/** One setting as a field: its hint is what the command line prints for it too. */
import { useEffect, useId, useState } from "react";
import { cx } from "@/kit/cx";
import { Check, inputClass } from "@/kit/Field";
import { readNumber, type Field } from "./fields";

interface FieldInputProps {
  field: Field;
  /** undefined: the default holds. */
  value: unknown;
  onChange: (value: unknown) => void;
}

export function FieldInput({ field, value, onChange }: FieldInputProps) {
  const id = useId();
  const current = value === undefined ? field.fallback : value;
  const changed = value !== undefined && JSON.stringify(value) !== JSON.stringify(field.fallback);
  if (field.kind === "switch")
    return (
      <div>
        <Check label={<Label field={field} changed={changed} />} checked={current === true} onChange={(event) => onChange(event.target.checked)} aria-describedby={id} />
        <p id={id} className="mt-1 text-[13px] text-muted">
          {field.about}
        </p>
      </div>
    );
  if (field.kind === "several") {
    const chosen = Array.isArray(current) ? current.map(String) : [];
    return (
      <fieldset>
        <legend className="mb-1 font-medium">
          <Label field={field} changed={changed} />
        </legend>
        <div className="flex flex-wrap gap-x-4 gap-y-1">
          {field.choices.map((choice) => (
            <Check key={choice} label={choice} checked={chosen.includes(choice)} onChange={(event) => onChange(event.target.checked ? [...chosen, choice] : chosen.filter((one) => one !== choice))} />
          ))}
        </div>
        <p className="mt-1 text-[13px] text-muted">{field.about}</p>
      </fieldset>
    );
  }
  return (
    <div>
      <label htmlFor={id} className="mb-1 block font-medium">
        <Label field={field} changed={changed} />
      </label>
      {field.kind === "choice" ? (
        <select id={id} className={cx(inputClass, "h-10")} value={current === null ? "" : String(current)} aria-describedby={`${id}-about`} onChange={(event) => onChange(event.target.value || undefined)}>
          {field.optional && <option value="">not set</option>}
          {field.choices.map((choice) => (
            <option key={choice} value={choice}>
              {choice}
            </option>
          ))}
        </select>
      ) : (
        <Typed id={id} field={field} value={current} onChange={onChange} />
      )}
      <p id={`${id}-about`} className="mt-1 text-[13px] text-muted">
        {field.about}
      </p>
    </div>
  );
}

function Label({ field, changed }: { field: Field; changed: boolean }) {
  return (
    <span>
      {field.label}
      {changed && <span title={`Default: ${String(field.fallback ?? "not set")}`} className="ml-1.5 inline-block size-1.5 rounded-full bg-accent align-middle" />}
      {changed && <span className="sr-only"> (changed)</span>}
    </span>
  );
}

/** Text is kept as it is typed, so that "1e-" can become "1e-4". */
function Typed({ id, field, value, onChange }: { id: string; field: Field; value: unknown; onChange: (value: unknown) => void }) {
  const told = value === null || value === undefined ? "" : String(value);
  const [text, setText] = useState(told);
  const [wrong, setWrong] = useState(false);
  useEffect(() => setText((known) => (Number(known) === Number(told) && known.trim() !== "" && told !== "" ? known : told)), [told]);
  const type = (next: string) => {
    setText(next);
    if (field.kind === "text") return onChange(next || undefined);
    const read = readNumber(next, field);
    setWrong(read === null || outside(read.value, field));
    if (read !== null) onChange(read.value);
  };
  return (
    <>
      <input id={id} className={cx(inputClass, "h-10")} inputMode={field.kind === "number" ? "decimal" : undefined} placeholder={field.optional ? "chosen for you" : undefined} value={text} aria-invalid={wrong || undefined} aria-describedby={`${id}-about`} onChange={(event) => type(event.target.value)} />
      {wrong && (
        <p className="mt-1 text-[13px] text-bad">
          {field.whole ? "A whole number" : "A number"}
          {field.minimum !== null ? ` from ${field.minimum}` : ""}
          {field.maximum !== null ? ` to ${field.maximum}` : ""} is expected.
        </p>
      )}
    </>
  );
}

const outside = (value: number | undefined, field: Field) => value !== undefined && ((field.minimum !== null && value < field.minimum) || (field.maximum !== null && value > field.maximum));

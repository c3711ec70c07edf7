/** One option of a step as a field, by its schema. */
import { useId, useState } from "react";
import { Check, inputClass } from "@/kit/Field";
import { cx } from "@/kit/cx";
import { readPairs, writePairs, type Option } from "./schema";
import { fieldText } from "./words";

interface OptionFieldProps {
  option: Option;
  /** What the recipe says; undefined: the default holds. */
  value: unknown;
  /** Names that can be chosen where the option names a file or a model. */
  names: { what: string; values: readonly string[] } | null;
  onChange: (value: unknown) => void;
}

export function OptionField({ option, value, names, onChange }: OptionFieldProps) {
  const id = useId();
  const current = value === undefined ? option.fallback : value;
  if (option.control.kind === "switch")
    return <Check label={<Labelled option={option} />} checked={current === true} onChange={(event) => onChange(event.target.checked)} />;
  if (option.control.kind === "choices" || (names && option.control.kind === "lines"))
    return <Choices option={option} values={names?.values ?? (option.control.kind === "choices" ? option.control.values : [])} current={current} what={names?.what ?? null} onChange={onChange} />;
  return (
    <div>
      <label htmlFor={id} className="mb-1 block font-medium">
        {option.label}
        {option.needed && <span className="font-normal text-muted"> (needed)</span>}
      </label>
      <Entry id={id} option={option} current={current} names={names} onChange={onChange} />
      {option.hint && (
        <p id={`${id}-hint`} className="mt-1 text-[13px] text-muted">
          {option.hint}
        </p>
      )}
    </div>
  );
}

function Labelled({ option }: { option: Option }) {
  return (
    <>
      <span className="font-medium">{option.label}</span>
      {option.hint && <span className="block text-[13px] text-muted">{option.hint}</span>}
    </>
  );
}

interface EntryProps extends Omit<OptionFieldProps, "value"> {
  id: string;
  current: unknown;
}

function Entry({ id, option, current, names, onChange }: EntryProps) {
  const described = option.hint ? `${id}-hint` : undefined;
  const { control } = option;
  if (control.kind === "choice" || names) {
    const values = names?.values ?? (control.kind === "choice" ? control.values : []);
    return (
      <select id={id} aria-describedby={described} className={cx(inputClass, "h-9")} value={String(current ?? "")} onChange={(event) => onChange(event.target.value || undefined)}>
        {(option.optional || option.needed || !values.includes(String(current))) && <option value="">{names ? (values.length ? `Choose ${names.what}` : `No ${names.what} is here yet`) : "Not set"}</option>}
        {values.map((each) => (
          <option key={each} value={each}>
            {names ? each : each.replaceAll("_", " ")}
          </option>
        ))}
      </select>
    );
  }
  if (control.kind === "number")
    return <NumberEntry id={id} described={described} option={option} current={current} onChange={onChange} />;
  if (control.kind === "lines" || control.kind === "pairs") return <TextEntry id={id} described={described} option={option} current={current} onChange={onChange} />;
  return <input id={id} aria-describedby={described} className={cx(inputClass, "h-9")} value={String(current ?? "")} onChange={(event) => onChange(event.target.value || undefined)} />;
}

interface ControlProps {
  id: string;
  described: string | undefined;
  option: Option;
  current: unknown;
  onChange: (value: unknown) => void;
}

/** Digits are taken over as soon as they make a number within the limits; until then the field keeps what was typed. */
function NumberEntry({ id, described, option, current, onChange }: ControlProps) {
  const { control } = option;
  const [typed, setTyped] = useState<string | null>(null);
  if (control.kind !== "number") return null;
  const wrong = typed !== null && typed !== "" && !isWithin(typed, control);
  return (
    <>
      <input
        id={id}
        aria-describedby={described}
        aria-invalid={wrong || undefined}
        inputMode="decimal"
        placeholder={option.needed ? "" : "off"}
        className={cx(inputClass, "h-9 w-32")}
        value={typed ?? (current === null || current === undefined ? "" : String(current))}
        onChange={(event) => {
          const text = event.target.value.trim();
          setTyped(text);
          if (text === "") onChange(option.optional ? null : undefined);
          else if (isWithin(text, control)) onChange(Number(text));
        }}
        onBlur={() => setTyped(null)}
      />
      {wrong && <p className="mt-1 text-[13px] text-bad">Write {control.whole ? "a whole number" : "a number"}{limitText(control)}.</p>}
    </>
  );
}

type NumberControl = { whole: boolean; minimum?: number; maximum?: number };
const isWithin = (text: string, { whole, minimum = -Infinity, maximum = Infinity }: NumberControl) => {
  const value = Number(text);
  return !Number.isNaN(value) && value >= minimum && value <= maximum && (!whole || Number.isInteger(value));
};
const limitText = ({ minimum, maximum }: NumberControl) =>
  minimum !== undefined && maximum !== undefined ? ` from ${minimum} to ${maximum}` : minimum !== undefined ? ` from ${minimum}` : maximum !== undefined ? ` up to ${maximum}` : "";

/** Several values, one a line; taken over when the field is left. */
function TextEntry({ id, described, option, current, onChange }: ControlProps) {
  const pairs = option.control.kind === "pairs" ? option.control : null;
  const [text, setText] = useState(pairs ? writePairs(current) : ((current ?? []) as string[]).join("\n"));
  const take = () => {
    const lines = text.split("\n").map((line) => line.trim()).filter(Boolean);
    const value = pairs ? readPairs(text, pairs.numbers) : lines;
    onChange(Object.keys(value).length ? value : undefined);
  };
  return (
    <textarea id={id} aria-describedby={described} rows={3} placeholder={pairs ? "name = value, one a line" : "one a line"} className={cx(inputClass, "py-2")} value={text} onChange={(event) => setText(event.target.value)} onBlur={take} />
  );
}

function Choices({ option, values, current, what, onChange }: { option: Option; values: readonly string[]; current: unknown; what: string | null; onChange: (value: unknown) => void }) {
  const chosen = Array.isArray(current) ? (current as string[]) : [];
  return (
    <fieldset>
      <legend className="mb-1 font-medium">{option.label}</legend>
      {values.length === 0 && <p className="text-[13px] text-muted">No {what ?? "choice"} is here yet. Add one under Sources.</p>}
      <div className="flex flex-wrap gap-x-4 gap-y-1">
        {values.map((value) => (
          <Check
            key={value}
            label={what ? value : fieldText(value).replaceAll("_", " ")}
            checked={chosen.includes(value)}
            onChange={(event) => {
              const next = event.target.checked ? [...chosen, value] : chosen.filter((each) => each !== value);
              onChange(next.length ? next : undefined);
            }}
          />
        ))}
      </div>
      <p className="mt-1 text-[13px] text-muted">
        {option.hint} {!what && option.optional && chosen.length === 0 && "None ticked: all."}
      </p>
    </fieldset>
  );
}

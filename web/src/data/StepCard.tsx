/** One step of the recipe: its thresholds as sliders, its other options behind "More". */
import ArrowDown from "lucide-react/icons/arrow-down";
import ArrowUp from "lucide-react/icons/arrow-up";
import Trash2 from "lucide-react/icons/trash-2";
import { useMemo, useState } from "react";
import type { SliderOut, StepCountOut, StepOut } from "@/api/data";
import { IconButton } from "@/kit/Button";
import { OptionField } from "./OptionField";
import type { RecipeStep } from "./recipe";
import { optionsOf, type Option } from "./schema";
import { Slider } from "./Slider";
import { fieldText } from "./words";

export interface StepCardProps {
  step: RecipeStep;
  about: StepOut | undefined;
  count: StepCountOut | undefined;
  sliders: readonly SliderOut[];
  names: { files: readonly string[]; models: readonly string[] };
  onOption: (option: string, value: unknown) => void;
  onRemove: () => void;
  /** Null at the end of the stage. */
  onUp: (() => void) | null;
  onDown: (() => void) | null;
}

export function StepCard({ step, about, count, sliders, names, onOption, onRemove, onUp, onDown }: StepCardProps) {
  const options = useMemo(() => optionsOf(about?.options ?? {}), [about]);
  const title = about?.title ?? step.name;
  const moved = options.filter((option) => sliders.some((slider) => slider.option === option.name));
  const needed = options.filter((option) => option.needed && !moved.includes(option));
  const others = options.filter((option) => !moved.includes(option) && !option.needed);
  return (
    <li className="rounded-xl border bg-raised" data-step={step.name}>
      <div className="flex items-start gap-1 py-2 pr-2 pl-4">
        <div className="min-w-0 flex-1 py-1">
          <h3 className="font-semibold">{title}</h3>
          <p className="text-[13px] text-muted">{about?.summary ?? "A step that this server does not know."}</p>
        </div>
        {onUp && <IconButton label={`Move ${title} up`} icon={ArrowUp} onClick={onUp} />}
        {onDown && <IconButton label={`Move ${title} down`} icon={ArrowDown} onClick={onDown} />}
        <IconButton label={`Take out ${title}`} icon={Trash2} onClick={onRemove} />
      </div>
      {Array.isArray(step.options.fields) && <p className="px-4 pb-1 text-[13px]">Looks at: {(step.options.fields as string[]).map((field) => fieldText(field).toLowerCase()).join(", ")}</p>}
      {count && (
        <p className="px-4 pb-2 text-[13px] text-muted">
          {count.dropped ? `Drops ${count.dropped.toLocaleString("en")} of ${count.rows_in.toLocaleString("en")}` : "Drops nothing"}
          {count.changed > 0 && `, changes ${count.changed.toLocaleString("en")}`} in the sample
        </p>
      )}
      {about?.note && <p className="mx-4 mb-2 rounded-lg bg-warn-soft px-3 py-2 text-[13px] text-warn">{about.note}</p>}
      {(moved.length > 0 || needed.length > 0) && (
        <div className="space-y-4 border-t px-4 py-3">
          {needed.map((option) => (
            <Field key={option.name} option={option} about={about} step={step} names={names} onOption={onOption} />
          ))}
          {moved.map((option) => (
            <Moved key={option.name} option={option} step={step} slider={sliders.find((one) => one.option === option.name)} onOption={onOption} />
          ))}
        </div>
      )}
      {others.length > 0 && <More title={title} others={others} about={about} step={step} names={names} onOption={onOption} />}
    </li>
  );
}

type Given = Pick<StepCardProps, "step" | "about" | "names" | "onOption">;

function Field({ option, about, step, names, onOption }: Given & { option: Option }) {
  const files = about?.file_options.includes(option.name) ? { what: "uploaded file", values: names.files } : null;
  const models = about?.model_options.includes(option.name) ? { what: "model with a tokenizer", values: names.models } : null;
  return <OptionField option={option} value={step.options[option.name]} names={files ?? models} onChange={(value) => onOption(option.name, value)} />;
}

function Moved({ option, step, slider, onOption }: Pick<Given, "step" | "onOption"> & { option: Option; slider: SliderOut | undefined }) {
  if (!slider) return null;
  const set = step.options[option.name];
  const value = set === undefined ? option.fallback : set;
  return (
    <Slider
      slider={slider}
      label={option.label}
      hint={option.hint}
      value={typeof value === "number" ? value : null}
      optional={option.optional}
      onChange={(next) => onOption(option.name, next === null && option.fallback === null ? undefined : next)}
    />
  );
}

function More({ title, others, ...given }: Given & { title: string; others: readonly Option[] }) {
  const [open, setOpen] = useState(false);
  const set = others.filter((option) => given.step.options[option.name] !== undefined).length;
  return (
    <details className="border-t" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="px-4 py-2 text-[13px] text-accent">
        More options<span className="sr-only"> of {title}</span>
        {set > 0 && <span className="text-muted"> · {set} set</span>}
      </summary>
      {open && (
        <div className="space-y-4 px-4 pt-1 pb-4">
          {others.map((option) => (
            <Field key={option.name} option={option} {...given} />
          ))}
        </div>
      )}
    </details>
  );
}

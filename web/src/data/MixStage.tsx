/** How much of each file goes in, and steps that act on all rows at once. */
import { useId } from "react";
import { inputClass } from "@/kit/Field";
import { cx } from "@/kit/cx";
import { withMix, type RecipeSource } from "./recipe";
import { StepsStage } from "./StepsStage";
import type { StageProps } from "./stageProps";

const amounts: readonly { value: number; label: string }[] = [
  { value: 0.1, label: "a tenth of its rows" },
  { value: 0.25, label: "a quarter of its rows" },
  { value: 0.5, label: "half of its rows" },
  { value: 1, label: "every row once" },
  { value: 2, label: "every row twice" },
  { value: 3, label: "every row three times" },
];

export function MixStage(props: StageProps) {
  const { recipe, change } = props.draft;
  const set = (place: number, weight: number) =>
    change(withMix({ ...recipe, sources: recipe.sources.map((source, at) => (at === place ? { ...source, weight: weight === 1 ? undefined : weight } : source)) }));
  return (
    <div className="space-y-5">
      {recipe.sources.length > 0 && (
        <ul aria-label="Amount of each file" className="divide-y rounded-xl border bg-raised">
          {recipe.sources.map((source, place) => (
            <Amount key={source.path} source={source} onChange={(weight) => set(place, weight)} />
          ))}
        </ul>
      )}
      <StepsStage {...props} />
    </div>
  );
}

function Amount({ source, onChange }: { source: RecipeSource; onChange: (weight: number) => void }) {
  const id = useId();
  const weight = source.weight ?? 1;
  const options = amounts.some((one) => one.value === weight) ? amounts : [...amounts, { value: weight, label: `${weight} times its rows` }];
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2.5">
      <label htmlFor={id} className="min-w-0 flex-1 basis-40 font-medium break-words">
        {source.path}
      </label>
      <div className="w-52">
        <select id={id} className={cx(inputClass, "h-9")} value={weight} onChange={(event) => onChange(Number(event.target.value))}>
          {options.map((one) => (
            <option key={one.value} value={one.value}>
              {one.label}
            </option>
          ))}
        </select>
      </div>
    </li>
  );
}

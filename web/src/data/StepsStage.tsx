/** The steps of one stage: change them, add one, take one out. */
import Plus from "lucide-react/icons/plus";
import { useId } from "react";
import type { StepOut } from "@/api/data";
import { inputClass } from "@/kit/Field";
import { cx } from "@/kit/cx";
import { addStep, removeStep, setOption, stepsOf, swapSteps } from "./recipe";
import { StepCard } from "./StepCard";
import type { StageProps } from "./stageProps";

export function StepsStage({ stage, draft, look, catalogue, sources }: StageProps) {
  const { recipe, change } = draft;
  const own = stepsOf(recipe, stage, catalogue.steps);
  const names = { files: sources.map((source) => source.name), models: catalogue.tokenizers };
  return (
    <div className="space-y-3">
      {own.length === 0 && <p className="rounded-lg border border-dashed px-4 py-5 text-center text-muted">No step here: rows pass unchanged. That is fine.</p>}
      <ol aria-label="Steps" className="space-y-3">
        {own.map(({ step, place }, index) => (
          <StepCard
            key={`${place}.${step.name}`}
            step={step}
            about={catalogue.steps.find((one) => one.name === step.name)}
            count={look.steps.find((one) => one.place === place && one.name === step.name)}
            sliders={look.preview?.sliders.filter((one) => one.place === place && one.step === step.name) ?? []}
            names={names}
            onOption={(option, value) => change(setOption(recipe, place, option, value))}
            onRemove={() => change(removeStep(recipe, place))}
            onUp={index > 0 ? () => change(swapSteps(recipe, place, own[index - 1]?.place ?? place)) : null}
            onDown={index < own.length - 1 ? () => change(swapSteps(recipe, place, own[index + 1]?.place ?? place)) : null}
          />
        ))}
      </ol>
      <AddStep steps={catalogue.steps.filter((step) => step.stage === stage)} onAdd={(name) => change(addStep(recipe, name, {}, catalogue.steps, catalogue.stages))} />
    </div>
  );
}

function AddStep({ steps, onAdd }: { steps: readonly StepOut[]; onAdd: (name: string) => void }) {
  const id = useId();
  return (
    <div className="flex items-center gap-2">
      <Plus aria-hidden size={16} className="shrink-0 text-muted" />
      <label htmlFor={id} className="sr-only">
        Add a step
      </label>
      <select id={id} className={cx(inputClass, "h-9")} value="" onChange={(event) => event.target.value && onAdd(event.target.value)}>
        <option value="">Add a step…</option>
        {steps.map((step) => (
          <option key={step.name} value={step.name}>
            {step.title}: {step.summary}
          </option>
        ))}
      </select>
    </div>
  );
}

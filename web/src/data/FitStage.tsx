/** How long rows are for the model that will learn from them, and steps that make them fit. */
import { useState } from "react";
import { Button } from "@/kit/Button";
import { SelectField, TextField } from "@/kit/Field";
import { Histogram, HistogramTable } from "./Histogram";
import { addStep } from "./recipe";
import { StepsStage } from "./StepsStage";
import type { StageProps } from "./stageProps";
import { numberText } from "./words";

export function FitStage(props: StageProps) {
  return (
    <div className="space-y-5">
      <Lengths {...props} />
      <StepsStage {...props} />
    </div>
  );
}

function Lengths({ draft, look, catalogue, measure, onMeasure }: StageProps) {
  const [typed, setTyped] = useState(measure.maximum === null ? "" : String(measure.maximum));
  const lengths = look.preview?.lengths;
  const models = [{ value: "", label: catalogue.tokenizers.length ? "None: count words" : "No model with a tokenizer is installed: words are counted" }, ...catalogue.tokenizers.map((name) => ({ value: name, label: name }))];
  const hasFit = draft.recipe.steps.some((step) => step.name === "fit");
  const canAdd = measure.tokenizer !== null && measure.maximum !== null && !hasFit;
  return (
    <section aria-label="Length of rows" className="space-y-4 rounded-xl border bg-raised px-4 py-4">
      <SelectField label="Count in tokens of" options={models} value={measure.tokenizer ?? ""} onChange={(event) => onMeasure({ ...measure, tokenizer: event.target.value || null })} />
      <TextField
        label={`Most ${lengths?.unit ?? "tokens"} of a row`}
        hint="What the model can take in at once, such as 1024. Rows over it are counted here."
        inputMode="numeric"
        value={typed}
        onChange={(event) => {
          const text = event.target.value.trim();
          setTyped(text);
          const value = Number(text);
          if (text === "") onMeasure({ ...measure, maximum: null });
          else if (Number.isInteger(value) && value > 0) onMeasure({ ...measure, maximum: value });
        }}
      />
      {lengths && (
        <>
          <Histogram edges={lengths.edges} counts={lengths.counts} label={`Length of the rows that stay, in ${lengths.unit}`} maximum={measure.maximum} height={88} unit={lengths.unit} />
          <p data-testid="lengths">
            Half of the rows have up to {numberText(lengths.median)} {lengths.unit}, nine of ten up to {numberText(Math.round(lengths.nine_of_ten))}; the longest has {numberText(lengths.most)}.
            {lengths.over !== null && (
              <strong className={lengths.over ? "text-bad" : "text-good"}>{lengths.over ? ` ${lengths.over.toLocaleString("en")} of ${lengths.rows.toLocaleString("en")} do not fit.` : " All rows fit."}</strong>
            )}
          </p>
          <HistogramTable edges={lengths.edges} counts={lengths.counts} label="Length of rows" />
        </>
      )}
      {canAdd && (
        <Button
          small
          onClick={() => draft.change(addStep(draft.recipe, "fit", { tokenizer: measure.tokenizer, maximum: measure.maximum }, catalogue.steps, catalogue.stages))}
        >
          Drop rows that do not fit
        </Button>
      )}
    </section>
  );
}

/** The form that rows are written in, and the part that is kept aside. */
import { SelectField } from "@/kit/Field";
import { StepsStage } from "./StepsStage";
import type { StageProps } from "./stageProps";

const kept: readonly { value: string; label: string }[] = [
  { value: "0", label: "Nothing: learn from every row" },
  { value: "0.02", label: "2 % of the rows" },
  { value: "0.05", label: "5 % of the rows" },
  { value: "0.1", label: "10 % of the rows" },
  { value: "0.2", label: "20 % of the rows" },
];

export function ConvertStage(props: StageProps) {
  const { recipe, change } = props.draft;
  const formats = props.catalogue.formats.filter((format) => format.written && (!recipe.task || format.tasks.includes(recipe.task)));
  const usual = props.catalogue.tasks.find((task) => task.name === recipe.task)?.format;
  const options = formats.map((format) => ({ value: format.name, label: `${format.title}${format.name === usual ? " (usual)" : ""}` }));
  const share = String(recipe.split?.validation ?? 0);
  const shares = kept.some((one) => one.value === share) ? kept : [...kept, { value: share, label: `${Number(share) * 100} % of the rows` }];
  return (
    <div className="space-y-5">
      <div className="space-y-4 rounded-xl border bg-raised px-4 py-4">
        <div>
          <SelectField label="Format of the rows" options={options} value={recipe.format ?? usual ?? "messages"} onChange={(event) => change({ ...recipe, format: event.target.value })} />
          <p className="mt-1 text-[13px] text-muted">Choose what your training tool reads. Every field is kept in a Parquet file beside it, so you can change your mind later.</p>
        </div>
        <div>
          <SelectField
            label="Kept aside to test with"
            options={shares}
            value={share}
            onChange={(event) => change({ ...recipe, split: Number(event.target.value) ? { ...recipe.split, validation: Number(event.target.value) } : null })}
          />
          <p className="mt-1 text-[13px] text-muted">Rows that the model does not see while it learns. Rows of one conversation stay together.</p>
        </div>
      </div>
      <StepsStage {...props} />
    </div>
  );
}

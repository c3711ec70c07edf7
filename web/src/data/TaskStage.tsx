/** What the model is to learn; each task brings steps to begin with. */
import { useState } from "react";
import type { TaskOut } from "@/api/data";
import { Button } from "@/kit/Button";
import { cx } from "@/kit/cx";
import { chooseTask, hasDefaultSteps } from "./recipe";
import type { StageProps } from "./stageProps";
import { fieldText } from "./words";

export function TaskStage({ draft, catalogue }: StageProps) {
  const { recipe, change } = draft;
  const [asked, setAsked] = useState<TaskOut | null>(null);
  const current = catalogue.tasks.find((task) => task.name === recipe.task);
  const choose = (task: TaskOut) => {
    if (task.name === recipe.task) return;
    const untouched = hasDefaultSteps(recipe, current);
    change(chooseTask(recipe, task, untouched));
    // Steps that a person changed are replaced only when they say so.
    setAsked(untouched ? null : task);
  };
  return (
    <div className="space-y-3">
      <div role="radiogroup" aria-label="Task" className="grid gap-2">
        {catalogue.tasks.map((task) => (
          <label key={task.name} className={cx("flex gap-3 rounded-xl border px-4 py-3", recipe.task === task.name ? "border-accent bg-accent-soft" : "bg-raised hover:bg-hover")}>
            <input type="radio" name="task" className="mt-1 size-4 shrink-0 accent-(--accent)" checked={recipe.task === task.name} onChange={() => choose(task)} />
            <span>
              <span className="block font-semibold">{task.title}</span>
              <span className="block text-muted">{task.about}</span>
              <span className="mt-1 block text-[13px] text-muted">Each row needs: {task.needs.map((name) => fieldText(name).toLowerCase()).join(", ")}</span>
            </span>
          </label>
        ))}
      </div>
      {asked && asked.name === recipe.task && (
        <div role="status" className="flex flex-wrap items-center gap-3 rounded-lg bg-accent-soft px-4 py-3">
          <p className="min-w-0 flex-1">Your own steps were kept. Use the usual steps for “{asked.title}” instead?</p>
          <Button
            small
            onClick={() => {
              change(chooseTask(recipe, asked, true));
              setAsked(null);
            }}
          >
            Use the usual steps
          </Button>
        </div>
      )}
    </div>
  );
}

/** The way of the data, left to right: seven stages and the result. */
import Check from "lucide-react/icons/check";
import ChevronRight from "lucide-react/icons/chevron-right";
import { Link } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import type { CatalogueOut, DatasetOut } from "@/api/data";
import { count } from "@/kit/format";
import { cx } from "@/kit/cx";
import { missing, stepsOf, type Recipe } from "./recipe";
import { RESULT, stages } from "./words";

interface StageStripProps {
  dataset: DatasetOut;
  recipe: Recipe;
  catalogue: CatalogueOut;
  current: string;
}

export function StageStrip({ dataset, recipe, catalogue, current }: StageStripProps) {
  const next = missing(recipe)?.stage;
  const strip = useRef<HTMLElement>(null);
  // On a small screen the strip is wider than the page.
  useEffect(() => {
    // Newer browsers answer with a promise, which is no way to clean up.
    void strip.current?.querySelector("[aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });
  }, [current]);
  return (
    <nav ref={strip} aria-label="Stages" className="shrink-0 overflow-x-auto border-b bg-panel">
      <ol className="flex min-w-max items-stretch px-2 wide:px-4">
        {stages.map((stage, index) => (
          <li key={stage.id} className="flex items-center">
            {index > 0 && <ChevronRight aria-hidden size={14} className="shrink-0 text-line-strong" />}
            <Item dataset={dataset} id={stage.id} number={index + 1} title={stage.title} note={noteOf(stage.id, recipe, catalogue)} on={current === stage.id} done={isDone(stage.id, recipe)} next={next === stage.id} />
          </li>
        ))}
        <li className="flex items-center">
          <ChevronRight aria-hidden size={14} className="shrink-0 text-line-strong" />
          <Item dataset={dataset} id={RESULT} number={8} title="Result" note={resultNote(dataset)} on={current === RESULT} done={dataset.prepared !== null} next={false} />
        </li>
      </ol>
    </nav>
  );
}

interface ItemProps {
  dataset: DatasetOut;
  id: string;
  number: number;
  title: string;
  note: string;
  on: boolean;
  done: boolean;
  next: boolean;
}

function Item({ dataset, id, number, title, note, on, done, next }: ItemProps) {
  return (
    <Link
      to="/data/$datasetId"
      params={{ datasetId: dataset.id }}
      search={{ stage: id }}
      aria-current={on ? "page" : undefined}
      data-stage={id}
      className={cx("flex items-center gap-2 border-b-2 px-2.5 py-2", on ? "border-accent" : "border-transparent hover:bg-hover")}
    >
      <span className={cx("flex size-6 shrink-0 items-center justify-center rounded-full text-[12px] font-semibold", on || next ? "bg-accent text-on-accent" : done ? "bg-accent-soft text-accent" : "bg-hover text-muted")}>
        {done && !on ? <Check aria-label="done" size={13} /> : number}
      </span>
      <span className="text-left leading-tight">
        <span className={cx("block font-medium", on ? "text-fg" : "text-muted")}>{title}</span>
        <span className="block text-[12px] text-muted">{note}</span>
      </span>
    </Link>
  );
}

const isDone = (id: string, recipe: Recipe) => (id === "sources" ? recipe.sources.length > 0 : id === "task" ? recipe.task !== null : missing(recipe) === null);

function noteOf(id: string, recipe: Recipe, catalogue: CatalogueOut): string {
  if (id === "sources") return recipe.sources.length ? count(recipe.sources.length, "file") : "none yet";
  if (id === "task") return catalogue.tasks.find((task) => task.name === recipe.task)?.title ?? "not chosen";
  if (id === "convert") return recipe.format ?? "usual format";
  const steps = stepsOf(recipe, id, catalogue.steps).length;
  return steps ? count(steps, "step") : "no step";
}

function resultNote(dataset: DatasetOut): string {
  if (dataset.state === "preparing") return "being prepared";
  if (dataset.summary) return dataset.changed ? "recipe has changed" : count(dataset.summary.rows_out, "row");
  return dataset.state === "failed" ? "failed" : "not prepared";
}

/** A recipe as the page changes it: steps in order, each belonging to one of the stages. Every change gives a new recipe. */
import type { Json, StepOut } from "@/api/data";

export interface RecipeSource {
  path: string;
  format?: string | null;
  mapping?: Record<string, string>;
  weight?: number;
  licence?: string | null;
  text_unit?: "line" | "paragraph" | "file";
}
export interface RecipeStep {
  name: string;
  options: Json;
}
export interface Recipe {
  task: string | null;
  seed: number;
  sources: RecipeSource[];
  steps: RecipeStep[];
  split: { validation?: number; test?: number; by?: string } | null;
  format: string | null;
  /** What the page does not show is kept as it was. */
  rest: Json;
}

const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);

/** Read a recipe as the server keeps it. */
export function readRecipe(stored: Json): Recipe {
  const { task, seed, sources, steps, split, output, ...rest } = stored;
  return withMix({
    task: typeof task === "string" ? task : null,
    seed: typeof seed === "number" ? seed : 0,
    sources: Array.isArray(sources) ? (sources.filter(isObject) as unknown as RecipeSource[]) : [],
    steps: Array.isArray(steps) ? steps.flatMap(readStep) : [],
    split: isObject(split) ? split : null,
    format: isObject(output) && typeof output.format === "string" ? output.format : null,
    rest,
  });
}

/** Weights of files need the step that mixes; the server would add it too, and then places would differ. */
export function withMix(recipe: Recipe): Recipe {
  const needed = recipe.sources.some((source) => (source.weight ?? 1) !== 1) && !recipe.steps.some((step) => step.name === "mix");
  return needed ? { ...recipe, steps: [{ name: "mix", options: {} }, ...recipe.steps] } : recipe;
}

export function readStep(entry: unknown): RecipeStep[] {
  if (typeof entry === "string") return [{ name: entry, options: {} }];
  if (!isObject(entry)) return [];
  const [first] = Object.entries(entry);
  return first ? [{ name: first[0], options: isObject(first[1]) ? first[1] : {} }] : [];
}

/** Write it as the server keeps it: what is not set is left out. */
export function writeRecipe(recipe: Recipe): Json {
  return {
    version: 1,
    ...recipe.rest,
    ...(recipe.task ? { task: recipe.task } : {}),
    seed: recipe.seed,
    sources: recipe.sources.map((source) => Object.fromEntries(Object.entries(source).filter(([, value]) => value !== null && value !== undefined && !isEmpty(value)))),
    steps: recipe.steps.map((step) => (isEmpty(step.options) ? step.name : { [step.name]: step.options })),
    ...(recipe.split && (recipe.split.validation || recipe.split.test) ? { split: recipe.split } : {}),
    output: { path: "out", ...(recipe.format ? { format: recipe.format } : {}) },
  };
}
const isEmpty = (value: unknown) => isObject(value) && Object.keys(value).length === 0;

export const stageOf = (name: string, steps: readonly StepOut[]): string => steps.find((step) => step.name === name)?.stage ?? "quality";

/** The steps of a stage, each with its place in the whole recipe. */
export function stepsOf(recipe: Recipe, stage: string, known: readonly StepOut[]): { step: RecipeStep; place: number }[] {
  return recipe.steps.map((step, place) => ({ step, place })).filter(({ step }) => stageOf(step.name, known) === stage);
}

/** Add a step behind the last one of its own or an earlier stage. */
export function addStep(recipe: Recipe, name: string, options: Json, known: readonly StepOut[], stages: readonly string[]): Recipe {
  const rank = (step: string) => stages.indexOf(stageOf(step, known));
  let place = 0;
  recipe.steps.forEach((step, at) => {
    if (rank(step.name) <= rank(name)) place = at + 1;
  });
  return { ...recipe, steps: [...recipe.steps.slice(0, place), { name, options }, ...recipe.steps.slice(place)] };
}

export const removeStep = (recipe: Recipe, place: number): Recipe => ({ ...recipe, steps: recipe.steps.filter((_, at) => at !== place) });

/** Let two steps change places. */
export function swapSteps(recipe: Recipe, one: number, other: number): Recipe {
  const steps = [...recipe.steps];
  const [first, second] = [steps[one], steps[other]];
  if (!first || !second) return recipe;
  steps[one] = second;
  steps[other] = first;
  return { ...recipe, steps };
}

/** Set an option; undefined takes it out, so that the default holds. */
export function setOption(recipe: Recipe, place: number, option: string, value: unknown): Recipe {
  const steps = recipe.steps.map((step, at) => {
    if (at !== place) return step;
    const { [option]: _, ...others } = step.options;
    return { ...step, options: value === undefined ? others : { ...others, [option]: value } };
  });
  return { ...recipe, steps };
}

/** Put thresholds of a run into a recipe that may have changed since; null when a step of the run is not in it any more. */
export function takeThresholds(recipe: Recipe, ran: readonly string[], moved: readonly { place: number; option: string; value: number | null }[]): Recipe | null {
  let next = recipe;
  for (const one of moved) {
    const name = ran[one.place];
    const nth = ran.slice(0, one.place).filter((other) => other === name).length;
    const places = recipe.steps.flatMap((step, place) => (step.name === name ? [place] : []));
    const place = places[nth];
    if (place === undefined) return null;
    next = setOption(next, place, one.option, one.value);
  }
  return next;
}

/** Take over the steps that a task begins with; those of a person who changed them are not touched unasked. */
export function chooseTask(recipe: Recipe, task: { name: string; format: string; steps: readonly unknown[] }, replaceSteps: boolean): Recipe {
  const mixed = recipe.steps.filter((step) => step.name === "mix");
  return { ...recipe, task: task.name, format: task.format, steps: replaceSteps ? [...mixed, ...task.steps.flatMap(readStep)] : recipe.steps };
}

/** Whether the steps are still those that the task began with. */
export function hasDefaultSteps(recipe: Recipe, task: { steps: readonly unknown[] } | undefined): boolean {
  const own = recipe.steps.filter((step) => step.name !== "mix");
  return own.length === 0 || (task !== undefined && JSON.stringify(own) === JSON.stringify(task.steps.flatMap(readStep)));
}

/** What must be done before the recipe can be tried; null when nothing is missing. */
export function missing(recipe: Recipe): { stage: string; text: string } | null {
  if (!recipe.sources.length) return { stage: "sources", text: "Add a file of rows to begin." };
  if (!recipe.task) return { stage: "task", text: "Choose what the model is to learn." };
  return null;
}

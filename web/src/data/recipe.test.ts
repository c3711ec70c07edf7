// @vitest-environment node
import type { StepOut } from "@/api/data";
import { addStep, chooseTask, hasDefaultSteps, missing, readRecipe, removeStep, setOption, stepsOf, swapSteps, takeThresholds, withMix, writeRecipe } from "./recipe";

const known = [
  ["mix", "mix"],
  ["clean", "clean"],
  ["length", "quality"],
  ["quality", "quality"],
  ["fit", "fit"],
].map(([name, stage]) => ({ name, stage }) as StepOut);
const stages = ["mix", "clean", "quality", "convert", "fit"];
const stored = {
  version: 1,
  task: "instruct",
  seed: 3,
  max_errors: 5,
  sources: [{ path: "a.csv", mapping: { question: "q" } }],
  steps: ["clean", { length: { minimum: 10, fields: ["answer"] } }],
  split: { validation: 0.1, by: "origin" },
  output: { path: "out", format: "messages" },
};

it("reads and writes a recipe without losing what the page does not show", () => {
  expect(writeRecipe(readRecipe(stored))).toEqual(stored);
});

it("reads an empty recipe and says what is missing", () => {
  const recipe = readRecipe({});
  expect(recipe).toMatchObject({ task: null, sources: [], steps: [], split: null, format: null });
  expect(missing(recipe)?.stage).toBe("sources");
  expect(missing({ ...recipe, sources: [{ path: "a" }] })?.stage).toBe("task");
  expect(missing({ ...recipe, sources: [{ path: "a" }], task: "instruct" })).toBeNull();
});

it("leaves out what is not set", () => {
  const recipe = readRecipe({ sources: [{ path: "a.csv", mapping: {}, format: null }], split: { validation: 0 } });
  expect(writeRecipe(recipe)).toEqual({ version: 1, seed: 0, sources: [{ path: "a.csv" }], steps: [], output: { path: "out" } });
});

it("puts a new step behind those of its own and earlier stages", () => {
  const recipe = readRecipe(stored);
  const names = (name: string) => addStep(recipe, name, {}, known, stages).steps.map((step) => step.name);
  expect(names("mix")).toEqual(["mix", "clean", "length"]);
  expect(names("clean")).toEqual(["clean", "clean", "length"]);
  expect(names("fit")).toEqual(["clean", "length", "fit"]);
});

it("keeps the places of steps in the whole recipe", () => {
  const recipe = addStep(readRecipe(stored), "quality", {}, known, stages);
  expect(stepsOf(recipe, "quality", known).map(({ step, place }) => [step.name, place])).toEqual([
    ["length", 1],
    ["quality", 2],
  ]);
  expect(swapSteps(recipe, 1, 2).steps.map((step) => step.name)).toEqual(["clean", "quality", "length"]);
  expect(swapSteps(recipe, 1, 9)).toBe(recipe);
  expect(removeStep(recipe, 1).steps.map((step) => step.name)).toEqual(["clean", "quality"]);
});

it("sets an option, and undefined gives the default back", () => {
  const recipe = readRecipe(stored);
  expect(setOption(recipe, 1, "minimum", 20).steps[1]?.options).toEqual({ minimum: 20, fields: ["answer"] });
  expect(setOption(recipe, 1, "minimum", undefined).steps[1]?.options).toEqual({ fields: ["answer"] });
  expect(setOption(recipe, 1, "minimum", null).steps[1]?.options.minimum).toBeNull();
  expect(recipe.steps[1]?.options.minimum).toBe(10);
});

it("brings the step that mixes when a file has a weight", () => {
  const weighed = readRecipe({ ...stored, sources: [{ path: "a.csv", weight: 2 }] });
  expect(weighed.steps[0]?.name).toBe("mix");
  expect(withMix(weighed)).toBe(weighed);
});

it("replaces steps by those of a task only when asked", () => {
  const task = { name: "summarisation", format: "summary", steps: ["clean", { quality: { minimum: 0.4 } }] };
  const recipe = readRecipe(stored);
  expect(hasDefaultSteps(recipe, task)).toBe(false);
  expect(chooseTask(recipe, task, false)).toMatchObject({ task: "summarisation", format: "summary", steps: recipe.steps });
  const fresh = chooseTask(recipe, task, true);
  expect(fresh.steps).toEqual([
    { name: "clean", options: {} },
    { name: "quality", options: { minimum: 0.4 } },
  ]);
  expect(hasDefaultSteps(fresh, task)).toBe(true);
});

it("puts thresholds of a run into a recipe that has changed since", () => {
  const recipe = readRecipe({ ...stored, steps: [{ length: { minimum: 1 } }, "clean", { length: { minimum: 10 } }, { quality: { minimum: 0.4 } }] });
  const ran = ["length", "length", "quality"];
  const next = takeThresholds(recipe, ran, [
    { place: 1, option: "minimum", value: 25 },
    { place: 2, option: "minimum", value: null },
  ]);
  expect(next?.steps.map((step) => step.options)).toEqual([{ minimum: 1 }, {}, { minimum: 25 }, { minimum: null }]);
  expect(takeThresholds(removeStep(recipe, 2), ran, [{ place: 1, option: "minimum", value: 25 }])).toBeNull();
});

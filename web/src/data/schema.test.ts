// @vitest-environment node
import { optionsOf, readPairs, words, writePairs } from "./schema";

// As pydantic writes the options of a step.
const schema = {
  $defs: { Task: { enum: ["instruct", "preference"], type: "string" } },
  properties: {
    fields: { anyOf: [{ items: { enum: ["question", "answer"], type: "string" }, type: "array" }, { type: "null" }], default: null, description: "Fields it looks at; all when unset." },
    unit: { default: "characters", enum: ["characters", "words"], type: "string", description: "What is counted." },
    minimum: { anyOf: [{ minimum: 0, type: "integer" }, { type: "null" }], default: null },
    share: { exclusiveMinimum: 0, maximum: 1, type: "number", default: 0.5 },
    each: { type: "boolean", default: false },
    also: { items: { type: "string" }, type: "array", default: [] },
    weights: { additionalProperties: { type: "number" }, type: "object" },
    names: { additionalProperties: { type: "string" }, type: "object" },
    task: { anyOf: [{ $ref: "#/$defs/Task" }, { type: "null" }], default: null },
    tokenizer: { type: "string", description: "tokenizer.json of the target model." },
  },
  required: ["tokenizer"],
};

it("tells which field an option needs", () => {
  const options = Object.fromEntries(optionsOf(schema).map((option) => [option.name, option]));
  expect(options.fields).toMatchObject({ control: { kind: "choices", values: ["question", "answer"] }, optional: true });
  expect(options.unit).toMatchObject({ control: { kind: "choice", values: ["characters", "words"] }, optional: false, fallback: "characters" });
  expect(options.minimum?.control).toEqual({ kind: "number", whole: true, minimum: 0 });
  expect(options.share?.control).toEqual({ kind: "number", whole: false, minimum: 0, maximum: 1 });
  expect(options.each?.control.kind).toBe("switch");
  expect(options.also?.control.kind).toBe("lines");
  expect(options.weights?.control).toEqual({ kind: "pairs", numbers: true });
  expect(options.names?.control).toEqual({ kind: "pairs", numbers: false });
  expect(options.task?.control).toEqual({ kind: "choice", values: ["instruct", "preference"] });
  expect(options.tokenizer).toMatchObject({ needed: true, optional: false, control: { kind: "text" } });
});

it("says options in words", () => {
  expect(words("minimum_word_length")).toBe("Minimum word length");
  expect(optionsOf({})).toEqual([]);
});

it("reads pairs and leaves out what is none", () => {
  expect(readPairs("a.csv = 2\nb.csv = x\n\nno pair\n c = 0.5 ", true)).toEqual({ "a.csv": 2, c: 0.5 });
  expect(readPairs("NAME = Ada Lovelace = x", false)).toEqual({ NAME: "Ada Lovelace = x" });
  expect(writePairs({ a: 1, b: "c" })).toBe("a = 1\nb = c");
  expect(writePairs(null)).toBe("");
});

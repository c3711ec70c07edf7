import type { AnsweredRow, Metrics, RunOut } from "@/api/training";
import { aligned } from "./lines";
import { isChanged, readGrid, readNumber, sectionsOf, valueAt, withValue, type Field } from "./fields";
import { sortRows } from "./AnswersTab";
import { byBest } from "./TrainPage";
import { joined } from "./useLive";
import { figure, longSeconds, progressText } from "./words";

const schema = {
  $defs: {
    Train: {
      properties: {
        lr: { type: "number", exclusiveMinimum: 0, default: 0.0002, description: "Highest learning rate." },
        max_steps: { anyOf: [{ type: "integer", minimum: 1 }, { type: "null" }], default: null },
        schedule: { enum: ["cosine", "linear"], default: "cosine" },
      },
    },
    Data: { properties: { train: { type: "array", items: {} }, valid: { anyOf: [{ type: "number" }, { type: "array", items: {} }], default: 0.02 } } },
    Track: { properties: { to: { type: "array", items: { enum: ["tensorboard", "wandb"] }, default: [] } } },
  },
  properties: { version: { const: 1 }, task: { enum: ["sft", "pretrain"], default: "sft" }, train: { $ref: "#/$defs/Train" }, data: { $ref: "#/$defs/Data" }, track: { $ref: "#/$defs/Track" } },
};

describe("fields of a config", () => {
  const fields = sectionsOf(schema).flatMap((section) => section.fields);
  const field = (place: string) => fields.find((one) => one.place === place) as Field;

  it("come from the schema, without what is chosen elsewhere", () => {
    expect(fields.map((one) => [one.place, one.kind])).toEqual([
      ["task", "choice"],
      ["train.lr", "number"],
      ["train.max_steps", "number"],
      ["train.schedule", "choice"],
      ["data.valid", "number"],
      ["track.to", "several"],
    ]);
    expect(field("train.max_steps")).toMatchObject({ optional: true, whole: true, minimum: 1 });
  });

  it("offer nothing that the server takes only on the command line", () => {
    expect(field("track.to").choices).toEqual(["tensorboard"]);
  });

  it("are set and taken out again", () => {
    const set = withValue({ name: "a" }, "train.lr", 0.1);
    expect(set).toEqual({ name: "a", train: { lr: 0.1 } });
    expect(valueAt(set, "train.lr")).toBe(0.1);
    expect(isChanged(set, field("train.lr"))).toBe(true);
    expect(isChanged({ train: { lr: 0.0002 } }, field("train.lr"))).toBe(false);
    expect(withValue(set, "train.lr", undefined)).toEqual({ name: "a" });
  });

  it("read what is typed", () => {
    expect(readNumber("1e-4", field("train.lr"))).toEqual({ value: 0.0001 });
    expect(readNumber("", field("train.lr"))).toEqual({ value: undefined });
    expect(readNumber("1e", field("train.lr"))).toBeNull();
    expect(readNumber("1.5", field("train.max_steps"))).toBeNull();
    expect(readGrid("1e-4, 3e-4,, cosine")).toEqual([0.0001, 0.0003, "cosine"]);
  });
});

describe("metrics", () => {
  const point = (step: number, loss: number) => ({ step, loss }) as Metrics["train"][number];

  it("grow, and steps that a resumed run tells again are replaced", () => {
    const known: Metrics = { train: [point(1, 3), point(2, 2)], validation: [{ step: 2, loss: 2 }] };
    const more: Metrics = { train: [point(2, 1.9), point(3, 1.5)], validation: [] };
    expect(joined(known, more)).toEqual({ train: [point(1, 3), point(2, 1.9), point(3, 1.5)], validation: [{ step: 2, loss: 2 }] });
  });

  it("of several runs share their steps", () => {
    const lines = [
      { label: "a", points: [[1, 10], [3, 30]] as const },
      { label: "b", points: [[2, 5]] as const },
    ];
    expect(aligned(lines)).toEqual([
      [1, 2, 3],
      [10, null, 30],
      [null, 5, null],
    ]);
  });
});

describe("answers", () => {
  const row = (name: string, loss: number | null, bleu: number) => ({ row: name, loss, scores: { bleu } }) as unknown as AnsweredRow;
  const rows = [row("a", 1, 50), row("b", 3, 10), row("c", null, 30)];

  it("are sorted, the worst or the best first; without a value they come last", () => {
    const names = (by: string, worst: boolean) => sortRows(rows, by, worst).map((one) => one.row);
    expect(names("loss", true)).toEqual(["b", "a", "c"]);
    expect(names("loss", false)).toEqual(["a", "b", "c"]);
    expect(names("bleu", true)).toEqual(["b", "c", "a"]);
    expect(names("bleu", false)).toEqual(["a", "c", "b"]);
  });
});

describe("runs", () => {
  const run = (name: string, values: Partial<RunOut>) => ({ name, state: "done", step: 0, steps: null, seconds: null, eta_seconds: null, best: null, ...values }) as RunOut;

  it("are ranked by their best validation, whichever way is better", () => {
    const best = (metric: string, value: number) => ({ best: { metric, value, step: 1 } });
    expect(byBest([run("a", best("perplexity", 4)), run("b", {}), run("c", best("perplexity", 2))]).map((one) => one.name)).toEqual(["c", "a", "b"]);
    expect(byBest([run("a", best("bleu", 4)), run("b", best("bleu", 9))]).map((one) => one.name)).toEqual(["b", "a"]);
  });

  it("say how far they are", () => {
    expect(progressText(run("a", { state: "running", step: 3, steps: 40, eta_seconds: 12 }))).toBe("3 of 40 steps · 12 s left");
    expect(progressText(run("a", { state: "queued" }))).toContain("another run");
    expect(longSeconds(7800)).toBe("2 h 10 min");
    expect([figure(0.00012), figure(1234.56), figure(0), figure(0.0000123)]).toEqual(["0.00012", "1,234.6", "0", "1.2e-5"]);
  });
});

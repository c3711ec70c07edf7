/** The fields of a config, read from its JSON Schema, and values at places like "train.lr". */
import type { Values } from "@/api/training";

export interface Field {
  place: string;
  label: string;
  about: string;
  kind: "number" | "text" | "switch" | "choice" | "several";
  whole: boolean;
  /** May be left empty: then something is chosen for it. */
  optional: boolean;
  choices: readonly string[];
  fallback: unknown;
  minimum: number | null;
  maximum: number | null;
}
export interface Section {
  name: string;
  title: string;
  fields: Field[];
}

interface Schema {
  type?: string;
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  description?: string;
  anyOf?: Schema[];
  items?: Schema;
  $ref?: string;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  properties?: Record<string, Schema>;
  $defs?: Record<string, Schema>;
}

/** What people set first; the rest is folded. */
export const COMMON = ["train.epochs", "train.lr", "data.max_length", "adapter.r"] as const;
/** Chosen elsewhere on the page, or only on the command line. */
const HIDDEN = new Set(["version", "name", "sweep", "model.base", "model.adapter_from", "data.train", "eval.judge", "parallel.nodes", "parallel.rendezvous", "parallel.ray"]);
const TITLES: Record<string, string> = {
  "": "Task",
  model: "Base model",
  adapter: "Adapter",
  data: "Rows",
  train: "Learning",
  memory: "Memory",
  parallel: "Several devices",
  eval: "Validation",
  save: "Checkpoints",
  track: "Trackers",
};
const LABELS: Record<string, string> = {
  "train.epochs": "Epochs",
  "train.lr": "Learning rate",
  "data.max_length": "Longest row",
  "adapter.r": "Rank",
  "data.valid": "Set aside for validation",
  "eval.every": "Validate every",
  "save.every": "Save every",
};
/** Choices that the server only takes on the command line. */
const NOT_HERE: Record<string, readonly string[]> = { "track.to": ["mlflow", "wandb", "neptune"], "eval.metrics": ["judge"], "save.best": ["judge"] };
const NAMED: Record<string, readonly string[]> = { "data.template": ["human_bot", "chatml", "tokenizer"] };

export const words = (key: string) => key.slice(0, 1).toUpperCase() + key.slice(1).replaceAll("_", " ");

export function sectionsOf(schema: Values): Section[] {
  const root = schema as Schema;
  const found: Section[] = [];
  const top: Field[] = [];
  for (const [key, raw] of Object.entries(root.properties ?? {})) {
    const inner = resolve(root, raw);
    if (inner.properties) {
      const fields = Object.entries(inner.properties).flatMap(([name, field]) => fieldOf(root, `${key}.${name}`, field));
      if (fields.length) found.push({ name: key, title: TITLES[key] ?? words(key), fields });
    } else top.push(...fieldOf(root, key, raw));
  }
  return top.length ? [{ name: "", title: TITLES[""] ?? "", fields: top }, ...found] : found;
}

function resolve(root: Schema, schema: Schema): Schema {
  const name = schema.$ref?.split("/").at(-1);
  return name ? (root.$defs?.[name] ?? {}) : schema;
}

function fieldOf(root: Schema, place: string, raw: Schema): Field[] {
  if (HIDDEN.has(place)) return [];
  const options = raw.anyOf ?? [raw];
  // Of what a field may be, the page offers the plain kind: a share of the rows instead of files of their own.
  const shape = resolve(root, options.find((one) => one.type !== "null" && one.type !== "array") ?? options[0] ?? {});
  const away = NOT_HERE[place] ?? [];
  const many = raw.type === "array" ? raw.items?.enum : undefined;
  const choices = (NAMED[place] ?? (many ?? shape.enum ?? []).map(String)).filter((choice) => !away.includes(choice));
  const kind = many ? "several" : choices.length ? "choice" : shape.type === "boolean" ? "switch" : shape.type === "number" || shape.type === "integer" ? "number" : shape.type === "string" ? "text" : null;
  if (!kind) return [];
  return [
    {
      place,
      label: LABELS[place] ?? words(place.split(".").at(-1) ?? place),
      about: raw.description ?? "",
      kind,
      whole: shape.type === "integer",
      optional: options.some((one) => one.type === "null"),
      choices,
      fallback: raw.default ?? null,
      minimum: shape.minimum ?? shape.exclusiveMinimum ?? null,
      maximum: shape.maximum ?? shape.exclusiveMaximum ?? null,
    },
  ];
}

const isObject = (value: unknown): value is Values => typeof value === "object" && value !== null && !Array.isArray(value);

/** The value at "train.lr"; undefined where nothing was set. */
export function valueAt(config: Values, place: string): unknown {
  return place.split(".").reduce<unknown>((value, key) => (isObject(value) ? value[key] : undefined), config);
}

/** A copy with the value set; undefined takes it out again, and sections that become empty with it. */
export function withValue(config: Values, place: string, value: unknown): Values {
  const [key = "", ...rest] = place.split(".");
  const next = rest.length ? withValue(isObject(config[key]) ? config[key] : {}, rest.join("."), value) : value;
  const copy = { ...config };
  if (next === undefined || (rest.length && isObject(next) && !Object.keys(next).length)) delete copy[key];
  else copy[key] = next;
  return copy;
}

const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);
export const isChanged = (config: Values, field: Field) => {
  const value = valueAt(config, field.place);
  return value !== undefined && !same(value, field.fallback);
};

/** What a person typed as a value: "" is nothing set, "1e-4" a number; null when it cannot be read. */
export function readNumber(text: string, field: Field): { value: number | undefined } | null {
  if (!text.trim()) return { value: undefined };
  const value = Number(text);
  if (!Number.isFinite(value) || (field.whole && !Number.isInteger(value))) return null;
  return { value };
}

/** "1e-4, 3e-4" -> [0.0001, 0.0003]; words stay words. */
export function readGrid(text: string): (string | number)[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter(Boolean)
    .map((part) => (Number.isFinite(Number(part)) ? Number(part) : part));
}

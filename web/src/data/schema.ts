/** What field a JSON Schema of an option asks for. Only what the steps' options use is understood; the rest is edited as text. */
import type { Json } from "@/api/data";

export type Control =
  | { kind: "switch" }
  | { kind: "number"; whole: boolean; minimum?: number; maximum?: number }
  | { kind: "choice"; values: string[] }
  | { kind: "choices"; values: string[] }
  | { kind: "lines" }
  | { kind: "pairs"; numbers: boolean }
  | { kind: "text" };

export interface Option {
  name: string;
  label: string;
  hint: string;
  control: Control;
  /** May be left unset. */
  optional: boolean;
  needed: boolean;
  fallback: unknown;
}

interface Node extends Json {
  type?: string;
  enum?: string[];
  anyOf?: Node[];
  items?: Node;
  $ref?: string;
}

/** The options of a step, in the order of its schema. */
export function optionsOf(schema: Json): Option[] {
  const properties = (schema.properties ?? {}) as Record<string, Node>;
  const needed = (schema.required ?? []) as string[];
  const definitions = (schema.$defs ?? {}) as Record<string, Node>;
  return Object.entries(properties).map(([name, node]) => {
    const inner = withoutNull(node, definitions);
    return {
      name,
      label: words(name),
      hint: typeof node.description === "string" ? node.description : "",
      control: controlOf(inner, definitions),
      optional: node.anyOf?.some((each) => each.type === "null") ?? false,
      needed: needed.includes(name),
      fallback: node.default ?? null,
    };
  });
}

/** "minimum_word_length" -> "Minimum word length". */
export const words = (name: string) => (name.slice(0, 1).toUpperCase() + name.slice(1)).replaceAll("_", " ");

function withoutNull(node: Node, definitions: Record<string, Node>): Node {
  const found = node.anyOf?.find((each) => each.type !== "null") ?? node;
  const name = found.$ref?.split("/").at(-1);
  return (name && definitions[name]) || found;
}

function controlOf(node: Node, definitions: Record<string, Node>): Control {
  if (node.enum) return { kind: "choice", values: node.enum };
  switch (node.type) {
    case "boolean":
      return { kind: "switch" };
    case "integer":
    case "number":
      return { kind: "number", whole: node.type === "integer", ...limits(node) };
    case "array": {
      const items = node.items ? withoutNull(node.items, definitions) : {};
      return items.enum ? { kind: "choices", values: items.enum } : { kind: "lines" };
    }
    case "object":
      return { kind: "pairs", numbers: ["integer", "number"].includes((node.additionalProperties as Node | undefined)?.type ?? "") };
    default:
      return { kind: "text" };
  }
}

function limits(node: Node): { minimum?: number; maximum?: number } {
  const minimum = node.minimum ?? node.exclusiveMinimum;
  const maximum = node.maximum ?? node.exclusiveMaximum;
  return { ...(typeof minimum === "number" ? { minimum } : {}), ...(typeof maximum === "number" ? { maximum } : {}) };
}

/** "a = 1" in lines, as an object; lines without "=" are left out. */
export function readPairs(text: string, numbers: boolean): Json {
  const pairs = text.split("\n").flatMap((line) => {
    const at = line.indexOf("=");
    const [name, value] = [line.slice(0, at).trim(), line.slice(at + 1).trim()];
    if (at < 1 || !value || (numbers && Number.isNaN(Number(value)))) return [];
    return [[name, numbers ? Number(value) : value] as const];
  });
  return Object.fromEntries(pairs);
}
export const writePairs = (value: unknown): string =>
  Object.entries((value ?? {}) as Json)
    .map(([name, each]) => `${name} = ${String(each)}`)
    .join("\n");

/** Turns [1] in an answer into an element that a button is drawn for. Runs after sanitising, on text alone. */

interface Node {
  type: string;
  tagName?: string;
  value?: string;
  properties?: Record<string, unknown>;
  children?: Node[];
}

const MARK = /\[(\d{1,3}(?:\s*,\s*\d{1,3})*)\]/g;
const SKIPPED = new Set(["code", "pre", "a", "button"]);

/** A rehype plugin; numbers without a citation stay plain text. */
export function markCitations(known: ReadonlySet<number>) {
  return () => (tree: Node) => walk(tree, known);
}

function walk(node: Node, known: ReadonlySet<number>): void {
  if (!node.children || SKIPPED.has(node.tagName ?? "")) return;
  node.children = node.children.flatMap((child) => {
    if (child.type === "text") return splitMarks(child.value ?? "", known);
    walk(child, known);
    return [child];
  });
}

/** "as said [1, 2]." -> text, mark 1, mark 2, text. */
export function splitMarks(text: string, known: ReadonlySet<number>): Node[] {
  const nodes: Node[] = [];
  let end = 0;
  for (const match of text.matchAll(MARK)) {
    const numbers = (match[1] ?? "").split(",").map(Number);
    if (!numbers.every((number) => known.has(number))) continue;
    if (match.index > end) nodes.push({ type: "text", value: text.slice(end, match.index) });
    for (const number of numbers) nodes.push({ type: "element", tagName: "cite", properties: { value: number }, children: [{ type: "text", value: String(number) }] });
    end = match.index + match[0].length;
  }
  if (end < text.length) nodes.push({ type: "text", value: text.slice(end) });
  return nodes;
}

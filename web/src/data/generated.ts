/** What a job of generated data says at its end, in words. */
import type { Json } from "@/api/data";
import { count } from "@/kit/format";

export function generatedText(result: Json): string {
  const refused = Object.entries((result.refused ?? {}) as Record<string, number>);
  const asked = Number(result.requests ?? 0);
  const cached = Number(result.from_cache ?? 0);
  const parts = [
    `${count(Number(result.records ?? 0), "row")} made, with ${count(asked, "request")} to the model${cached ? ` and ${cached.toLocaleString("en")} from before` : ""}.`,
    refused.length ? `Refused: ${refused.map(([reason, times]) => `${times.toLocaleString("en")} × ${reason}`).join(", ")}.` : "",
    typeof result.stopped === "string" && result.stopped ? `${sentence(result.stopped)}` : "",
  ];
  return parts.filter(Boolean).join(" ");
}

const sentence = (text: string) => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}${text.endsWith(".") ? "" : "."}`;

/** What runs, metrics and sizes of fine-tuning are called, and how numbers are written. */
import type { RunOut, RunState } from "@/api/training";
import { seconds } from "@/kit/format";

export const stateTexts: Record<RunState, string> = {
  queued: "Waiting",
  preparing: "Getting ready",
  running: "Training",
  pausing: "Pausing",
  paused: "Paused",
  stopping: "Stopping",
  stopped: "Stopped",
  done: "Done",
  failed: "Failed",
};
export const stateTones = {
  queued: "neutral",
  preparing: "accent",
  running: "accent",
  pausing: "warn",
  paused: "warn",
  stopping: "warn",
  stopped: "neutral",
  done: "good",
  failed: "bad",
} as const satisfies Record<RunState, string>;

export const isLive = (state: RunState) => state === "queued" || state === "preparing" || state === "running" || state === "pausing" || state === "stopping";
export const canResume = (state: RunState) => state === "paused" || state === "stopped" || state === "failed";

const metricTexts: Record<string, string> = {
  loss: "Validation loss",
  perplexity: "Perplexity",
  bleu: "BLEU",
  chrf: "chrF",
  rouge: "ROUGE",
  rouge_l: "ROUGE-L",
  exact: "Exact answers",
  stopped: "Stopped by itself",
  judge: "Judge",
  accuracy: "Better answer ahead",
  margin: "Margin of the rewards",
  chosen_reward: "Reward of chosen answers",
  rejected_reward: "Reward of rejected answers",
};
export const metricText = (name: string) => metricTexts[name] ?? name;
export const lowerIsBetter = (name: string) => name === "loss" || name === "perplexity";

/** Four figures, never an exponent where it can be avoided. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return "–";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 100_000 || size < 0.0001) return value.toExponential(1);
  return size >= 100 ? value.toLocaleString("en", { maximumFractionDigits: 1 }) : String(Number(value.toPrecision(3)));
}

/** "3 of 40 steps · 12 s left". */
export function progressText(run: RunOut): string {
  if (run.state === "queued") return "Waits for another run to end";
  if (!run.steps) return run.state === "preparing" ? "Reads the rows and loads the model" : "";
  const steps = `${run.step.toLocaleString("en")} of ${run.steps.toLocaleString("en")} steps`;
  if (run.state === "running" && run.eta_seconds !== null) return `${steps} · ${longSeconds(run.eta_seconds)} left`;
  if (run.state === "done" && run.seconds !== null) return `${steps} in ${longSeconds(run.seconds)}`;
  return steps;
}

/** Hours too: "2 h 10 min". */
export function longSeconds(value: number): string {
  if (value < 3600) return seconds(value);
  return `${Math.floor(value / 3600)} h ${Math.round((value % 3600) / 60)} min`;
}

const parts: Record<string, string> = { weights: "Base model", adapter: "Adapter", optimiser: "Optimiser", optimizer: "Optimiser", gradients: "Gradients", activations: "Activations", other: "Program" };
export const partText = (name: string) => parts[name] ?? name.slice(0, 1).toUpperCase() + name.slice(1).replaceAll("_", " ");

export const formTexts = {
  adapter: { title: "Adapter", about: "PEFT folder for Python programs" },
  adapter_gguf: { title: "Adapter for llama.cpp", about: "one GGUF file beside its base" },
  merged: { title: "Whole model", about: "merged folder, loads anywhere" },
  gguf: { title: "Whole model as GGUF", about: "merged, for llama.cpp" },
} as const;

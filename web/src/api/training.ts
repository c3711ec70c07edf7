/** Fine-tuning: what a new run can be made of, runs and what they tell. */
import { queryOptions } from "@tanstack/react-query";
import { address, call } from "./call";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type TrainingForm = Schemas["TrainingFormOut"];
export type PlanOut = Schemas["PlanOut"];
export type TokensPreview = Schemas["TokensPreviewOut"];
export type TokenRow = Schemas["TokenRowOut"];
export type RunOut = Schemas["RunOut"];
export type RunDetail = Schemas["RunDetail"];
export type RunState = RunOut["state"];
export type Metrics = Schemas["MetricsOut"];
export type Point = Schemas["PointOut"];
export type AnsweredRow = Schemas["AnsweredRowOut"];
export type CompareOut = Schemas["CompareOut"];
export type ExportForm = Schemas["ExportOut"]["form"];
export type Values = Record<string, unknown>;

export const trainingKeys = {
  form: ["training", "form"] as const,
  runs: ["training", "runs"] as const,
  run: (name: string) => ["training", "run", name] as const,
};

export const formQuery = queryOptions({ queryKey: trainingKeys.form, queryFn: ({ signal }) => call("get", "/api/training/form", { signal }) });
export const runsQuery = queryOptions({ queryKey: trainingKeys.runs, queryFn: ({ signal }) => call("get", "/api/runs", { signal }), staleTime: 2000 });
export const runQuery = (run_name: string) =>
  queryOptions({ queryKey: trainingKeys.run(run_name), queryFn: ({ signal }) => call("get", "/api/runs/{run_name}", { path: { run_name }, signal }), staleTime: 1000 });
export const samplesQuery = (run_name: string, step: number | null) =>
  queryOptions({
    queryKey: [...trainingKeys.run(run_name), "samples", step],
    queryFn: ({ signal }) => call("get", "/api/runs/{run_name}/samples", { path: { run_name }, query: { step }, signal }),
  });
export const tokensQuery = (run_name: string) =>
  queryOptions({ queryKey: [...trainingKeys.run(run_name), "tokens"], queryFn: ({ signal }) => call("get", "/api/runs/{run_name}/tokens", { path: { run_name }, signal }) });
export const logQuery = (run_name: string) =>
  queryOptions({ queryKey: [...trainingKeys.run(run_name), "log"], queryFn: ({ signal }) => call("get", "/api/runs/{run_name}/log", { path: { run_name }, signal }) });
export const runConfigQuery = (run_name: string) =>
  queryOptions({
    queryKey: ["training", "config", run_name],
    queryFn: ({ signal }) => call("get", "/api/runs/{run_name}/config", { path: { run_name }, signal }),
    staleTime: Infinity,
  });
export const resourcesQuery = (run_name: string) =>
  queryOptions({ queryKey: ["training", "resources", run_name], queryFn: ({ signal }) => call("get", "/api/runs/{run_name}/resources", { path: { run_name }, signal }) });
export const metricsSince = (run_name: string, since: number, signal?: AbortSignal) =>
  call("get", "/api/runs/{run_name}/metrics", { path: { run_name }, query: { since }, signal });
export const planQuery = (config: Values) =>
  queryOptions({ queryKey: ["training", "plan", config], queryFn: ({ signal }) => call("post", "/api/training/plan", { body: { config }, signal }), retry: false, staleTime: 60_000 });
export const previewQuery = (config: Values) =>
  queryOptions({ queryKey: ["training", "preview", config], queryFn: ({ signal }) => call("post", "/api/training/preview", { body: { config }, signal }), retry: false, staleTime: 60_000 });
export const compareQuery = (runs: readonly string[]) =>
  queryOptions({
    queryKey: ["training", "compare", runs],
    // A parameter that is given several times is written by hand.
    queryFn: ({ signal }) => call("get", `/api/training/compare?${runs.map((name) => `runs=${encodeURIComponent(name)}`).join("&")}` as "/api/training/compare", { query: {} as { runs: string[] }, signal }),
    enabled: runs.length > 0,
  });

export const checkConfig = (body: { config: Values } | { yaml: string }) => call("post", "/api/training/check", { body });
export const createRuns = (config: Values) => call("post", "/api/runs", { body: { config } });
export const tellRun = (run_name: string, word: "pause" | "stop" | "save" | "resume") => call("post", `/api/runs/{run_name}/${word}` as "/api/runs/{run_name}/pause", { path: { run_name } });
export const deleteRun = (run_name: string) => call("delete", "/api/runs/{run_name}", { path: { run_name } });
export const exportRun = (run_name: string, form: ExportForm) => call("post", "/api/runs/{run_name}/exports", { path: { run_name }, body: { form } });
export const serveRun = (run_name: string) => call("post", "/api/runs/{run_name}/serve", { path: { run_name } });
export const downloadUrl = (run_name: string, form: ExportForm) => address("/api/runs/{run_name}/file", { run_name }, { form });

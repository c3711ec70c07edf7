/** Models and jobs. */
import { queryOptions } from "@tanstack/react-query";
import { call } from "./call";
import { keys } from "./queryClient";
import { readList } from "./reading";
import type { JobOut } from "./types";

export const modelsQuery = queryOptions({ queryKey: keys.models, queryFn: ({ signal }) => call("get", "/api/models", { signal }) });
export const jobsQuery = queryOptions({ queryKey: keys.jobs, queryFn: ({ queryKey, signal }) => readList(queryKey, () => call("get", "/api/jobs", { signal })) });

export const pullModel = (name: string, accept_licence: boolean) => call("post", "/api/models/{name}/pull", { path: { name }, body: { accept_licence } });
export const removeModel = (name: string) => call("delete", "/api/models/{name}", { path: { name } });
export const makeDefault = (name: string) => call("post", "/api/models/{name}/default", { path: { name } });
export const unloadModel = (name: string) => call("post", "/api/models/{name}/unload", { path: { name } });
export const cancelJob = (job_id: string) => call("post", "/api/jobs/{job_id}/cancel", { path: { job_id } });
export const isRunning = (job: JobOut) => job.state === "running" || job.state === "queued";

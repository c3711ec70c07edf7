/** Files of rows, data sets, their rows and files. */
import { queryOptions } from "@tanstack/react-query";
import { address, call } from "./call";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type SourceOut = Schemas["SourceOut"];
export type LookOut = Schemas["LookOut"];
export type LookIn = Schemas["LookIn"];
export type StepOut = Schemas["StepOut"];
export type TaskOut = Schemas["TaskOut"];
export type FormatOut = Schemas["FormatOut"];
export type CatalogueOut = Schemas["CatalogueOut"];
export type DatasetOut = Schemas["DatasetOut"];
export type PreviewOut = Schemas["PreviewOut"];
export type PreviewRowOut = Schemas["PreviewRowOut"];
export type StepCountOut = Schemas["StepCountOut"];
export type SliderOut = Schemas["SliderOut"];
export type MovedIn = Schemas["MovedIn"];
export type GenerateIn = Schemas["GenerateIn"];
export type ComparedOut = Schemas["ComparedOut"];
export type LengthsOut = Schemas["LengthsOut"];
export type RowOut = Schemas["RowOut"];
export type RowsOut = Schemas["RowsOut"];
export type TextOut = Schemas["TextOut"];
export type Json = Record<string, unknown>;

export const dataKeys = {
  catalogue: ["data", "catalogue"] as const,
  sources: ["data", "sources"] as const,
  datasets: ["data", "sets"] as const,
  dataset: (id: string) => ["data", "set", id] as const,
  results: (id: string) => ["data", "result", id] as const,
};

export const catalogueQuery = queryOptions({ queryKey: dataKeys.catalogue, queryFn: ({ signal }) => call("get", "/api/data/catalogue", { signal }), staleTime: 60_000 });
export const sourcesQuery = queryOptions({ queryKey: dataKeys.sources, queryFn: ({ signal }) => call("get", "/api/data/sources", { signal }) });
export const datasetsQuery = queryOptions({ queryKey: dataKeys.datasets, queryFn: ({ signal }) => call("get", "/api/datasets", { signal }) });
export const datasetQuery = (dataset_id: string) =>
  queryOptions({ queryKey: dataKeys.dataset(dataset_id), queryFn: ({ signal }) => call("get", "/api/datasets/{dataset_id}", { path: { dataset_id }, signal }) });

/** What a file holds when it is read in this way. */
export const lookQuery = (source_id: string, body: LookIn) =>
  queryOptions({
    queryKey: [...dataKeys.sources, source_id, "look", body],
    queryFn: ({ signal }) => call("post", "/api/data/sources/{source_id}/look", { path: { source_id }, body, signal }),
    staleTime: Infinity,
    retry: false,
  });

export interface RowsWanted {
  split: string;
  offset: number;
  limit: number;
  query: string;
  only: "all" | "relevant" | "not_relevant" | "unlabelled" | "edited";
}
// `at`: when the files were made; a new run makes other rows.
export const rowsQuery = (dataset_id: string, at: number | null, query: RowsWanted) =>
  queryOptions({
    queryKey: [...dataKeys.results(dataset_id), "rows", at, query],
    queryFn: ({ signal }) => call("get", "/api/datasets/{dataset_id}/rows", { path: { dataset_id }, query, signal }),
  });
export const rowQuery = (dataset_id: string, split: string, number: number) =>
  queryOptions({
    queryKey: [...dataKeys.results(dataset_id), "row", split, number],
    queryFn: ({ signal }) => call("get", "/api/datasets/{dataset_id}/rows/{number}", { path: { dataset_id, number }, query: { split }, signal }),
    staleTime: 0,
  });
export const droppedQuery = (dataset_id: string, at: number | null, query: { place?: number; reason?: string; limit: number }) =>
  queryOptions({
    queryKey: [...dataKeys.results(dataset_id), "dropped", at, query],
    queryFn: ({ signal }) => call("get", "/api/datasets/{dataset_id}/dropped", { path: { dataset_id }, query, signal }),
  });
export const filesQuery = (dataset_id: string, at: number | null) =>
  queryOptions({
    queryKey: [...dataKeys.results(dataset_id), "files", at],
    queryFn: ({ signal }) => call("get", "/api/datasets/{dataset_id}/files", { path: { dataset_id }, signal }),
  });
export const reportQuery = (dataset_id: string, at: number | null) =>
  queryOptions({
    queryKey: [...dataKeys.results(dataset_id), "report", at],
    queryFn: ({ signal }) => call("get", "/api/datasets/{dataset_id}/report", { path: { dataset_id }, signal }),
  });
/** The thresholds of the run, over all its rows. */
export const thresholdsQuery = (dataset_id: string, at: number | null) =>
  queryOptions({
    queryKey: [...dataKeys.results(dataset_id), "thresholds", at],
    queryFn: ({ signal }) => call("get", "/api/datasets/{dataset_id}/thresholds", { path: { dataset_id }, signal }),
    staleTime: Infinity,
  });
export const countThresholds = (dataset_id: string, moved: readonly MovedIn[], signal?: AbortSignal) =>
  call("post", "/api/datasets/{dataset_id}/thresholds", { path: { dataset_id }, body: { moved: [...moved] }, signal });
/** The last run beside that of another data set, or beside the run before it. */
export const compareQuery = (dataset_id: string, at: number | null, before: string | null) =>
  queryOptions({
    queryKey: [...dataKeys.results(dataset_id), "compare", at, before],
    queryFn: ({ signal }) => call("get", "/api/datasets/{dataset_id}/compare", { path: { dataset_id }, query: before === null ? {} : { before }, signal }),
    retry: false,
    staleTime: 0,
  });

export const fetchSource = (body: Partial<Schemas["FetchIn"]>) => call("post", "/api/data/fetch", { body: { address: "", ...body } });
export const generateSource = (body: Schemas["GenerateIn"]) => call("post", "/api/data/generate", { body });
export const createDataset = (name: string) => call("post", "/api/datasets", { body: { name } });
export const changeDataset = (dataset_id: string, body: Schemas["DatasetChange"]) => call("patch", "/api/datasets/{dataset_id}", { path: { dataset_id }, body });
export const deleteDataset = (dataset_id: string) => call("delete", "/api/datasets/{dataset_id}", { path: { dataset_id } });
export const deleteSource = (source_id: string) => call("delete", "/api/data/sources/{source_id}", { path: { source_id } });
export const previewDataset = (dataset_id: string, body: Schemas["PreviewIn"], signal?: AbortSignal) =>
  call("post", "/api/datasets/{dataset_id}/preview", { path: { dataset_id }, body, signal });
export const countDataset = (dataset_id: string, recipe: Json, signal?: AbortSignal) =>
  call("post", "/api/datasets/{dataset_id}/counts", { path: { dataset_id }, body: { recipe }, signal });
export const prepareDataset = (dataset_id: string) => call("post", "/api/datasets/{dataset_id}/prepare", { path: { dataset_id } });
export const readRecipe = (dataset_id: string) => call("get", "/api/datasets/{dataset_id}/recipe", { path: { dataset_id } });
export const takeRecipe = (dataset_id: string, yaml: string) => call("post", "/api/datasets/{dataset_id}/recipe", { path: { dataset_id }, body: { yaml } });
export const changeRow = (dataset_id: string, split: string, number: number, body: Schemas["RowChange"]) =>
  call("patch", "/api/datasets/{dataset_id}/rows/{number}", { path: { dataset_id, number }, query: { split }, body });
export const fileUrl = (dataset_id: string, name: string) => address("/api/datasets/{dataset_id}/file", { dataset_id }, { name });
export const exportUrl = (dataset_id: string, query: { format: string; type: string; split: string }) =>
  address("/api/datasets/{dataset_id}/export", { dataset_id }, query);

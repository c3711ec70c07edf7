// @vitest-environment node
import type { DocumentOut, JobOut } from "@/api/types";
import { stageOf } from "./stage";

const document = (part: Partial<DocumentOut>) => ({ name: "a.pdf", state: "parsing", error: null, passage_count: 0, embedded: 0, ...part }) as DocumentOut;
const job = (part: Partial<JobOut>) => ({ kind: "ingest", subject: "a.pdf", state: "running", progress: null, ...part }) as JobOut;

it("shows measured progress, and none that was not measured", () => {
  expect(stageOf(document({}), [])).toEqual({ kind: "working", text: "Reading", progress: null });
  const reading = job({ progress: { done: 3, total: 40, unit: "pages", stage: "reading" } });
  expect(stageOf(document({}), [reading])).toEqual({ kind: "working", text: "Reading: 3 of 40 pages", progress: { done: 3, total: 40 } });
  const unknown = job({ progress: { done: 3, total: null, unit: "pages", stage: "old/inner.txt" } });
  expect(stageOf(document({}), [unknown])).toEqual({ kind: "working", text: "Reading old/inner.txt: 3 pages", progress: null });
});

it("does not take another document's progress", () => {
  const other = job({ subject: "b.pdf", progress: { done: 3, total: 40, unit: "pages", stage: "reading" } });
  expect(stageOf(document({}), [other]).progress).toBeNull();
});

it("tells search by words from search by meaning", () => {
  const half = document({ state: "searchable", passage_count: 10, embedded: 4 });
  expect(stageOf(half, [job({ kind: "embed" })])).toMatchObject({ text: "Searchable by words; by meaning: 4 of 10 passages", progress: { done: 4, total: 10 } });
  expect(stageOf({ ...half, embedded: 0 }, [])).toMatchObject({ text: "Searchable by words", progress: null });
  expect(stageOf({ ...half, embedded: 10 }, [])).toMatchObject({ kind: "ready", text: "Searchable" });
});

it("says why a file failed", () => {
  expect(stageOf(document({ state: "failed", error: "a.pdf is encrypted." }), [])).toMatchObject({ kind: "failed", text: "a.pdf is encrypted." });
});

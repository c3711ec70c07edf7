// @vitest-environment node
import type { JobOut } from "@/api/types";
import { durationText, progressText } from "./words";

const job = (part: Partial<JobOut>) => ({ kind: "pull", state: "running", progress: null, started: 100, ended: null, ...part }) as JobOut;

it("says what was measured and nothing else", () => {
  expect(progressText(job({ progress: { done: 12_000_000, total: 280_000_000, unit: "bytes", stage: "downloading" } }))).toBe("Downloading: 12 MB of 280 MB");
  expect(progressText(job({ progress: { done: 7, total: null, unit: "pages", stage: "" } }))).toBe("7 pages");
  expect(progressText(job({ progress: { done: 0, total: null, unit: "pages", stage: "reading" } }))).toBe("Reading");
  expect(progressText(job({}))).toBe("Running");
});

it("counts the time of a job that runs and of one that has ended", () => {
  expect(durationText(job({}), 130)).toBe("30 s");
  expect(durationText(job({ ended: 101.5 }), 130)).toBe("1.5 s");
  expect(durationText(job({ started: null }), 130)).toBe("");
});

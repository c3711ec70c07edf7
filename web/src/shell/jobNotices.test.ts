// @vitest-environment node
import type { JobOut } from "@/api/types";
import { noticeOf } from "./jobNotices";

const job = (part: Partial<JobOut>) => ({ kind: "ingest", subject: "a.pdf", state: "done", error: null, ...part }) as JobOut;
const running = job({ state: "running" });

it("tells of an end that the page does not show", () => {
  expect(noticeOf(job({}), running, "/settings/keys")).toBe("a.pdf can be asked now.");
  expect(noticeOf(job({ state: "failed", error: "It is encrypted." }), running, "/chat")).toBe("a.pdf could not be read: It is encrypted.");
  expect(noticeOf(job({ kind: "pull", subject: "minilm" }), job({ kind: "pull", state: "running" }), "/chat")).toBe("minilm is installed.");
});

it("keeps quiet where the page shows it, on what it did not see running, and on small work", () => {
  expect(noticeOf(job({}), running, "/documents")).toBeNull();
  expect(noticeOf(job({}), undefined, "/chat")).toBeNull();
  expect(noticeOf(job({}), job({}), "/chat")).toBeNull();
  expect(noticeOf(job({ kind: "embed" }), running, "/chat")).toBeNull();
});

// @vitest-environment node
import { documentQuery, documentsQuery } from "./documents";
import { applyEvent } from "./feed";
import { queryClient } from "./queryClient";
import type { DocumentOut, JobOut } from "./types";
import { jobsQuery } from "./work";

const document = (id: string, state: string) => ({ id, collection_id: "c", state }) as DocumentOut;
const job = (id: string, state: string) => ({ id, kind: "ingest", state }) as JobOut;
const tell = (data: DocumentOut | JobOut) => applyEvent({ id: null, event: "kind" in data ? "job" : "document", data });

/** Answers each request when told to, with what was read at the time of the request. */
function heldAnswers(): ((answer: unknown) => void)[] {
  const held: ((answer: unknown) => void)[] = [];
  vi.stubGlobal("fetch", () => new Promise<Response>((resolve) => held.push((answer) => resolve(Response.json(answer)))));
  return held;
}

beforeEach(() => queryClient.clear());
afterEach(() => vi.unstubAllGlobals());

describe("an answer that was read before a change and comes after the news of it", () => {
  it("does not undo it in the first reading of a list", async () => {
    const held = heldAnswers();
    const reading = queryClient.fetchQuery(documentsQuery("c"));
    tell(document("broken", "parsing"));
    tell(document("broken", "failed"));
    held[0]?.([document("broken", "parsing"), document("notes", "queued")]);
    await reading;
    expect(queryClient.getQueryData(documentsQuery("c").queryKey)).toEqual([document("broken", "failed"), document("notes", "queued")]);
  });

  it("does not undo it in a later one", async () => {
    queryClient.setQueryData(documentsQuery("c").queryKey, [document("broken", "parsing")]);
    const held = heldAnswers();
    const reading = queryClient.fetchQuery({ ...documentsQuery("c"), staleTime: 0 });
    tell(document("broken", "failed"));
    held[0]?.([document("broken", "parsing")]);
    await reading;
    expect(queryClient.getQueryData(documentsQuery("c").queryKey)).toEqual([document("broken", "failed")]);
  });

  it("does not lose what was added", async () => {
    const held = heldAnswers();
    const reading = queryClient.fetchQuery(documentsQuery("c"));
    tell(document("first", "queued"));
    tell(document("second", "queued"));
    held[0]?.([document("old", "searchable")]);
    expect((await reading).map((one) => one.id)).toEqual(["second", "first", "old"]);
  });

  it("does not undo it for a single document, nor for jobs", async () => {
    const held = heldAnswers();
    const one = queryClient.fetchQuery(documentQuery("a"));
    const jobs = queryClient.fetchQuery(jobsQuery);
    tell(document("a", "searchable"));
    tell(job("j", "done"));
    held[0]?.(document("a", "parsing"));
    held[1]?.([job("j", "running")]);
    expect(await one).toEqual(document("a", "searchable"));
    expect(await jobs).toEqual([job("j", "done")]);
  });
});

it("counts only news that came while the answer was on its way, and only of the same list", async () => {
  const held = heldAnswers();
  tell(document("a", "parsing"));
  const reading = queryClient.fetchQuery(documentsQuery("c"));
  tell({ ...document("b", "queued"), collection_id: "another" });
  held[0]?.([document("a", "searchable")]);
  expect(await reading).toEqual([document("a", "searchable")]);
});

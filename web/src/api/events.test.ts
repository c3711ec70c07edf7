// @vitest-environment node
import { answerInTurn, event, streamed } from "@/test-streams";
import { ApiError } from "./client";
import { followEvents, readEvents, type ServerEvent } from "./events";

const signal = () => new AbortController().signal;
const isLast = (one: ServerEvent) => one.event === "done";

async function all(events: AsyncGenerator<ServerEvent>): Promise<ServerEvent[]> {
  const list: ServerEvent[] = [];
  for await (const one of events) list.push(one);
  return list;
}

describe("readEvents", () => {
  it("puts events together whatever the pieces are, characters cut in two included", async () => {
    const bytes = new TextEncoder().encode(event(1, "text", { text: "naïve 🜁" }) + event(2, "done", {}));
    answerInTurn([() => streamed(Array.from(bytes, (byte) => Uint8Array.of(byte)))]);
    const events = await all(readEvents("/x", signal()));
    expect(events).toEqual([
      { id: "1", event: "text", data: { text: "naïve 🜁" } },
      { id: "2", event: "done", data: {} },
    ]);
  });

  it("skips comments, which keep a silent stream alive", async () => {
    answerInTurn([() => streamed([": ping\n\n", event(1, "text", { text: "a" })])]);
    expect(await all(readEvents("/x", signal()))).toHaveLength(1);
  });

  it("says what the server said when the stream is refused", async () => {
    answerInTurn([() => new Response(JSON.stringify({ error: { message: "There is no message 7.", code: "not_found", hint: "Reload." } }), { status: 404 })]);
    await expect(all(readEvents("/x", signal()))).rejects.toMatchObject({ status: 404, code: "not_found", message: "There is no message 7.", hint: "Reload." });
  });
});

describe("followEvents", () => {
  it("resumes behind the last event after a break, and loses and repeats nothing", async () => {
    const headers = answerInTurn([
      () => streamed([event(1, "text", { text: "a" }), event(2, "text", { text: "b" })], "break"),
      () => streamed([event(3, "text", { text: "c" })]),
      () => streamed([event(4, "done", {})]),
    ]);
    const events = await all(followEvents("/x", { signal: signal(), waits: [0], isLast }));
    expect(events.map((one) => one.id)).toEqual(["1", "2", "3", "4"]);
    expect(headers.map((one) => one.get("Last-Event-ID"))).toEqual([null, "2", "3"]);
  });

  it("tells when the connection is lost and when it is back", async () => {
    answerInTurn([() => streamed([event(1, "text", {})], "break"), () => streamed([event(2, "done", {})])]);
    const states: string[] = [];
    await all(followEvents("/x", { signal: signal(), waits: [0], isLast, onConnection: (state) => states.push(state) }));
    expect(states).toEqual(["open", "lost", "open"]);
  });

  it("gives up when the server says no", async () => {
    const headers = answerInTurn([() => new Response("{}", { status: 404 }), () => streamed([])]);
    await expect(all(followEvents("/x", { signal: signal(), waits: [0] }))).rejects.toBeInstanceOf(ApiError);
    expect(headers).toHaveLength(1);
  });

  it("tries again when a proxy says that the server is away", async () => {
    const headers = answerInTurn([() => new Response("bad gateway", { status: 502 }), () => streamed([event(1, "done", {})])]);
    expect(await all(followEvents("/x", { signal: signal(), waits: [0], isLast }))).toHaveLength(1);
    expect(headers).toHaveLength(2);
  });

  it("ends quietly when it is stopped", async () => {
    const stop = new AbortController();
    answerInTurn([() => streamed([event(1, "text", {}), event(2, "text", {})])]);
    const seen: string[] = [];
    for await (const one of followEvents("/x", { signal: stop.signal, waits: [0] })) {
      seen.push(one.id ?? "");
      stop.abort();
    }
    expect(seen).toEqual(["1"]);
  });
});

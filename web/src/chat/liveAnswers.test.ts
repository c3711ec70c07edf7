import type { MessageOut } from "@/api/types";
import { answerInTurn, event, streamed } from "@/test-streams";
import { type Ending, LiveAnswers } from "./liveAnswers";

const done = { id: "m", content: "Hello there.", mode: "answer" } as MessageOut;
const ending = (): Ending & { message: MessageOut | null; failures: number } => {
  const state = {
    message: null as MessageOut | null,
    failures: 0,
    finished: (message: MessageOut) => void (state.message = message),
    failed: () => ((state.failures += 1), new Promise(() => undefined)),
  };
  return state;
};

function live() {
  let clock = 0;
  return new LiveAnswers(() => (clock += 100), [0]);
}

it("collects the words, notes the first, and hands over the finished message", async () => {
  const answers = live();
  const seen: string[] = [];
  answerInTurn([
    () => streamed([event(1, "status", { status: "searching" }), event(2, "hits", { hits: [{ passage_id: 1 }] }), event(3, "text", { text: "Hello " }), event(4, "text", { text: "there." }), event(5, "done", done)]),
  ]);
  const end = ending();
  const apply = vi.spyOn(answers as never as { change: (id: string, part: object) => void }, "change");
  await answers.follow("m", end);
  for (const [, part] of apply.mock.calls) if ("text" in part) seen.push(String(part.text));
  expect(seen).toEqual(["Hello ", "Hello there."]);
  expect(answers.firstWords("m")).toBe(0.1);
  expect(answers.firstWords("other")).toBeNull();
  expect(end.message).toEqual(done);
  expect(answers.get("m")).toBeNull();
});

it("goes on after a broken connection without repeating words", async () => {
  const answers = live();
  const headers = answerInTurn([() => streamed([event(1, "text", { text: "one " })], "break"), () => streamed([event(2, "text", { text: "two" })], "break"), () => streamed([event(3, "error", { error: { message: "stop", code: "x" } })])]);
  await answers.follow("m", ending());
  expect(answers.get("m")?.text).toBe("one two");
  expect(headers.map((one) => one.get("Last-Event-ID"))).toEqual([null, "1", "2"]);
});

it("keeps what was written and shows the error when the engine fails", async () => {
  const answers = live();
  answerInTurn([() => streamed([event(1, "text", { text: "half" }), event(2, "error", { error: { message: "The engine died.", code: "engine", hint: "Ask again." } })])]);
  const end = ending();
  await answers.follow("m", end);
  expect(answers.get("m")).toMatchObject({ text: "half", error: { message: "The engine died.", code: "engine", hint: "Ask again." } });
  expect(end.failures).toBe(1);
});

it("follows an answer once, however often it is asked to", async () => {
  const answers = live();
  const headers = answerInTurn([() => streamed([event(1, "done", done)])]);
  await Promise.all([answers.follow("m", ending()), answers.follow("m", ending())]);
  expect(headers).toHaveLength(1);
});

it("tells its watchers once a frame, not once a token", async () => {
  const answers = live();
  const frames: FrameRequestCallback[] = [];
  vi.stubGlobal("requestAnimationFrame", (frame: FrameRequestCallback) => frames.push(frame));
  answerInTurn([() => streamed([...Array.from({ length: 50 }, (_, index) => event(index + 1, "text", { text: "x" })), event(51, "done", done)])]);
  let told = 0;
  answers.watch("m", () => (told += 1));
  await answers.follow("m", ending());
  frames.forEach((frame) => frame(0));
  expect(told).toBe(1);
  vi.unstubAllGlobals();
});

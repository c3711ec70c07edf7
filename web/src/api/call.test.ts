// @vitest-environment node
import { answerInTurn } from "@/test-streams";
import { address, call } from "./call";

it("fills in and escapes what an address needs", () => {
  expect(address("/a/{id}/b/{n}", { id: "hf:org/na me", n: 3 }, { page: 2, version: undefined, query: "a&b" })).toBe("/a/hf%3Aorg%2Fna%20me/b/3?page=2&query=a%26b");
});

it("carries the header that other sites cannot send", async () => {
  const headers = answerInTurn([() => new Response("[]"), () => new Response("{}")]);
  await call("get", "/api/collections", {});
  await call("post", "/api/logout", {});
  expect(headers.map((one) => [one.get("X-Headwater"), one.get("Content-Type")])).toEqual([
    ["1", null],
    ["1", "application/json"],
  ]);
});

it("says what happened when something in between answers in its own words", async () => {
  answerInTurn([() => new Response("<html>Bad gateway</html>", { status: 502 })]);
  await expect(call("get", "/api/jobs", {})).rejects.toMatchObject({ status: 502, message: "The server answered 502: <html>Bad gateway</html>" });
});

it("knows a server that is away", async () => {
  answerInTurn([]);
  await expect(call("get", "/api/jobs", {})).rejects.toMatchObject({ offline: true, message: "Headwater does not answer." });
});

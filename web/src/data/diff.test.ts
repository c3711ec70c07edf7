// @vitest-environment node
import { diff } from "./diff";

const join = (pieces: ReturnType<typeof diff>, left: "gone" | "new") => pieces.filter((piece) => piece.kind !== left).map((piece) => piece.text).join("");

it("marks the words that went and came", () => {
  expect(diff("mail bob@x.org today", "mail [EMAIL] today")).toEqual([
    { kind: "same", text: "mail " },
    { kind: "gone", text: "bob@x.org" },
    { kind: "new", text: "[EMAIL]" },
    { kind: "same", text: " today" },
  ]);
});

it("says nothing about equal and empty texts", () => {
  expect(diff("", "")).toEqual([]);
  expect(diff("a b", "a b")).toEqual([{ kind: "same", text: "a b" }]);
  expect(diff("", "new")).toEqual([{ kind: "new", text: "new" }]);
  expect(diff("gone", "")).toEqual([{ kind: "gone", text: "gone" }]);
});

it("always gives both texts back", () => {
  const texts = ["one two three", "two  three four", "\n a\tb ", "completely other words here", "one", "one two two three two"];
  for (const before of texts)
    for (const after of texts) {
      const pieces = diff(before, after);
      expect(join(pieces, "new")).toBe(before);
      expect(join(pieces, "gone")).toBe(after);
    }
});

it("is quick and right for long texts too", () => {
  const words = Array.from({ length: 6000 }, (_, index) => `word${index}`);
  const before = words.join(" ");
  const after = words.map((word, index) => (index % 2 ? word : word.toUpperCase())).join(" ");
  const pieces = diff(before, after);
  expect(join(pieces, "new")).toBe(before);
  expect(join(pieces, "gone")).toBe(after);
});

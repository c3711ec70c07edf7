// @vitest-environment node
import { segments, unitOffsets } from "./offsets";

it("counts code points as Python does", () => {
  const text = "a🜁b𝒳c";
  const unit = unitOffsets(text);
  const points = Array.from(text);
  for (let point = 0; point <= points.length; point++) expect(unit(point)).toBe(points.slice(0, point).join("").length);
  expect(unit(99)).toBe(text.length);
});

it("marks the range and keeps every character", () => {
  const parts = segments("one 🜁 two three", [{ start: 4, end: 9, active: true }]);
  expect(parts.map((part) => part.text)).toEqual(["one ", "🜁 two", " three"]);
  expect(parts.map((part) => part.range !== null)).toEqual([false, true, false]);
});

it("lets the active range win where two overlap, and ignores empty and far ones", () => {
  const ranges = [
    { start: 0, end: 6, tag: 1 },
    { start: 4, end: 8, tag: 2, active: true },
    { start: 9, end: 9, tag: 3 },
    { start: 90, end: 99, tag: 4 },
  ];
  const parts = segments("0123456789", ranges);
  expect(parts.filter((part) => part.range).map((part) => [part.range?.tag, part.text])).toEqual([[2, "4567"]]);
  expect(parts.map((part) => part.text).join("")).toBe("0123456789");
});

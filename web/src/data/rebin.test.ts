// @vitest-environment node
import { rebinned, scaleOf } from "./rebin";

it("puts two distributions on one scale without losing rows", () => {
  const before = { edges: [0, 10, 20], counts: [6, 2], rows: 8 };
  const after = { edges: [5, 15], counts: [4], rows: 4 };
  expect(scaleOf(before, after)).toEqual([0, 20]);
  expect(rebinned(before, 0, 20, 4)).toEqual([0.375, 0.375, 0.125, 0.125]);
  expect(rebinned(after, 0, 20, 4)).toEqual([0, 0.5, 0.5, 0]);
});

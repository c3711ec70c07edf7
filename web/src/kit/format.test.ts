// @vitest-environment node
import { count, dayGroup, place, seconds, size, when } from "./format";

it("shows sizes in the unit that reads best", () => {
  expect([0, 999, 1000, 1234567, 253_000_000, 999_600].map(size)).toEqual(["0 B", "999 B", "1.0 kB", "1.2 MB", "253 MB", "1.0 MB"]);
});

it("shows durations", () => {
  expect([0.04, 2.26, 12.4, 75].map(seconds)).toEqual(["0.0 s", "2.3 s", "12 s", "1 min 15 s"]);
});

it("counts in words", () => {
  expect([count(1, "file"), count(1200, "file")]).toEqual(["1 file", "1,200 files"]);
});

it("groups by day", () => {
  const now = new Date(2026, 10, 24, 9, 0);
  const at = (day: number, hour = 23) => new Date(2026, 10, day, hour).getTime() / 1000;
  expect([at(24, 1), at(23), at(19), at(2)].map((time) => dayGroup(time, now))).toEqual(["Today", "Yesterday", "This week", "This month"]);
  expect(when(at(24, 1), now)).toBe("01:00");
  expect(when(at(2), now)).toBe("2 Nov");
});

it("names the place of a passage", () => {
  expect([place({ page: 3, label: null }), place({ page: 3, label: "Sheet “Costs”" }), place({ page: null, label: null })]).toEqual(["page 3", "Sheet “Costs”", null]);
});

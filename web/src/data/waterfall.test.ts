// @vitest-environment node
import type { StepCountOut } from "@/api/data";
import { barsOf, keptOf } from "./waterfall";
import { numberText, percent, valueText } from "./words";

const step = (part: Partial<StepCountOut>): StepCountOut => ({ place: 0, name: "x", title: "X", rows_in: 0, rows_out: 0, dropped: 0, changed: 0, added: 0, reasons: {}, ...part });

it("draws shares of the most rows there ever are", () => {
  const bars = barsOf([step({ rows_in: 100, rows_out: 80, dropped: 20, reasons: { "too short": 20 } }), step({ place: 1, rows_in: 80, rows_out: 160, added: 80 })], 100);
  expect(bars.map((bar) => [bar.kept, bar.lost])).toEqual([
    [0.5, 0.125],
    [1, 0],
  ]);
  expect(bars[0]?.reasons).toEqual([["too short", 20]]);
});

it("keeps all rows where there is no step, and none of none", () => {
  expect(keptOf([], 7)).toBe(7);
  expect(keptOf([step({ rows_out: 3 })], 7)).toBe(3);
  expect(barsOf([step({})], 0)[0]).toMatchObject({ kept: 0, lost: 0 });
});

it("says numbers shortly", () => {
  expect([percent(0.8), percent(0.004), percent(0)]).toEqual(["80 %", "0.4 %", "0 %"]);
  expect([numberText(12345), numberText(0.662868)]).toEqual(["12,345", "0.663"]);
  expect([valueText("0.662868"), valueText("support.csv:3"), valueText("2"), valueText("")]).toEqual(["0.663", "support.csv:3", "2", ""]);
});

// @vitest-environment node
import { usual } from "./usePicks";

const all = ["a", "b"];

it.each([
  ["nothing was ever picked", null, ["a", "b"]],
  ["one was picked", '["b"]', ["b"]],
  ["the model alone was picked", "[]", []],
  ["one of two is gone", '["b","gone"]', ["b"]],
  ["all that were picked are gone", '["gone"]', ["a", "b"]],
  ["what is stored is not ours", "{broken", ["a", "b"]],
])("%s", (_, stored, expected) => {
  expect(usual(stored, all)).toEqual(expected);
});

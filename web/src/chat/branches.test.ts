// @vitest-environment node
import type { MessageOut } from "@/api/types";
import { branch, newestLeaf, withMessages } from "./branches";

const message = (id: string, parent: string | null, created: number) => ({ id, parent_id: parent, created, role: "user", content: id }) as MessageOut;

// q1 -> a1 -> q2 -> a2
//    \  a1b (regenerated)
// q1b (edited) -> a3
const tree = [message("q1", null, 1), message("a1", "q1", 2), message("q2", "a1", 3), message("a2", "q2", 4), message("a1b", "q1", 5), message("q1b", null, 6), message("a3", "q1b", 7)];
const ids = (leaf: string | null) => branch(tree, leaf).map((turn) => turn.message.id);

it("shows the turns from the first to the leaf", () => {
  expect(ids("a2")).toEqual(["q1", "a1", "q2", "a2"]);
  expect(ids("a1b")).toEqual(["q1", "a1b"]);
});

it("shows the newest branch when no leaf is remembered, or it is gone", () => {
  expect(ids(null)).toEqual(["q1b", "a3"]);
  expect(ids("deleted")).toEqual(["q1b", "a3"]);
  expect(branch([], null)).toEqual([]);
});

it("counts the versions of a turn, oldest first", () => {
  const [question, answer] = branch(tree, "a2");
  expect(question?.siblings.map((one) => one.id)).toEqual(["q1", "q1b"]);
  expect([question?.index, answer?.index, answer?.siblings.length]).toEqual([0, 0, 2]);
});

it("goes to the newest end of a version that is switched to", () => {
  expect(newestLeaf(tree, "q1")).toBe("a1b");
  expect(newestLeaf(tree, "a1")).toBe("a2");
  expect(newestLeaf(tree, "q1b")).toBe("a3");
  expect(newestLeaf(tree, "a2")).toBe("a2");
});

it("does not hang on a tree that is a ring", () => {
  expect(branch([message("x", "y", 1), message("y", "x", 2)], "x").length).toBe(2);
});

it("replaces a message in its place of the tree", () => {
  const changed = withMessages(tree, [{ ...message("a2", "q2", 4), content: "new" }]);
  expect(changed).toHaveLength(tree.length);
  expect(branch(changed, "a2").at(-1)?.message.content).toBe("new");
});

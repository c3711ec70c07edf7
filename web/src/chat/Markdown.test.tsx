import { render, screen } from "@testing-library/react";
import { splitMarks } from "./citationMarks";
import Markdown from "./Markdown";

const show = (text: string, numbers: number[] = [1, 2]) =>
  render(<Markdown text={text} numbers={numbers} renderMark={(number) => <button type="button">source {number}</button>} />).container;

describe("what a model writes cannot do harm", () => {
  it.each([
    ["a script", "hi <script>window.hacked = 1</script>"],
    ["a handler", '<img src=x onerror="window.hacked = 1">'],
    ["a frame", '<iframe src="https://example.org"></iframe>'],
    ["a style", '<p style="position:fixed">x</p><style>body{display:none}</style>'],
    ["a form", '<form action="https://example.org"><input name="password"></form>'],
  ])("%s is not drawn", (_, text) => {
    const html = show(text).innerHTML.replace(/&lt;.*?&gt;/gs, "");
    expect(html).not.toMatch(/<(script|img|iframe|style|form)|onerror|style=/i);
    expect("hacked" in window).toBe(false);
  });

  it("drops addresses that run code", () => {
    const container = show("[a](javascript:alert(1)) [b](data:text/html,x) [c](vbscript:x)");
    for (const link of container.querySelectorAll("a")) expect(link.getAttribute("href") ?? "").not.toMatch(/^(javascript|data|vbscript):/i);
  });

  it("never fetches a picture: its address could carry words out", () => {
    const container = show("![secret](https://example.org/?q=secret) ![][r]\n\n[r]: https://example.org/x.png");
    expect(container.querySelector("img, picture, source, video, audio, object, embed, svg image")).toBeNull();
  });

  it("opens links apart and tells the other side nothing", () => {
    const link = show("[site](https://example.org)").querySelector("a");
    expect(link).toHaveAttribute("rel", expect.stringContaining("noopener"));
    expect(link).toHaveAttribute("rel", expect.stringContaining("noreferrer"));
  });
});

describe("citations", () => {
  it("become buttons, each number of a list its own", () => {
    show("It is so [1]. And so [1, 2].");
    expect(screen.getAllByRole("button").map((one) => one.textContent)).toEqual(["source 1", "source 1", "source 2"]);
  });

  it("stay text without a passage behind them, in code, and in links", () => {
    const container = show("Unknown [7]. `list[1]` [see [1]](https://example.org)\n\n```\nx[2]\n```");
    expect(container.querySelectorAll("button")).toHaveLength(0);
    expect(container.textContent).toContain("[7]");
    expect(container.textContent).toContain("list[1]");
  });

  it("are found inside lists, quotes and bold words", () => {
    expect(show("> quoted [1]\n\n- **bold [2]**").querySelectorAll("button")).toHaveLength(2);
  });

  it("keep the words around them", () => {
    expect(splitMarks("a [1] b", new Set([1])).map((node) => node.value ?? node.tagName)).toEqual(["a ", "cite", " b"]);
    expect(splitMarks("[1, 9]", new Set([1]))).toEqual([{ type: "text", value: "[1, 9]" }]);
  });
});

it("names the boxes of a task list", () => {
  show("- [x] read\n- [ ] signed");
  expect(screen.getByRole("checkbox", { name: "Done" })).toBeChecked();
  expect(screen.getByRole("checkbox", { name: "Not done" })).not.toBeChecked();
});

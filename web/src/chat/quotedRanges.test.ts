// @vitest-environment node
import type { CitationOut } from "@/api/types";
import { excerpt, locate, onPage, quotedSpans, sentencesWith } from "./quotedRanges";

const quote = "🜁 What stays\nNothing leaves your\nmachine (at all). Models run here.\nAnd so on.";
const citation = { number: 1, start: 100, end: 100 + Array.from(quote).length, quote } as CitationOut;
const content = "Nothing leaves your machine (at all). [1] Something else. [2] Models run here. [1]";

it("knows which words carry a mark", () => {
  expect(sentencesWith(content, 1)).toEqual(["Nothing leaves your machine (at all).", "Models run here."]);
  expect(sentencesWith(content, 2)).toEqual(["Something else."]);
  expect(sentencesWith("no marks", 1)).toEqual([]);
});

it("finds a sentence over line ends, and no sentence that is not there word for word", () => {
  const span = locate("Nothing leaves your machine (at all).", quote);
  expect(quote.slice(span?.from, span?.to)).toBe("Nothing leaves your\nmachine (at all).");
  expect(locate("Nothing leaves the machine.", quote)).toBeNull();
  expect(locate("run", quote)).toBeNull();
});

it("gives the place on the page in code points", () => {
  const spans = quotedSpans(content, citation);
  expect(spans).toHaveLength(2);
  const points = Array.from(quote);
  const texts = spans.map((span) => onPage(span, citation)).map(({ start, end }) => points.slice(start - 100, end - 100).join(""));
  expect(texts).toEqual(["Nothing leaves your\nmachine (at all).", "Models run here."]);
});

it("shows the passage from a little before the quoted words", () => {
  const long = { ...citation, quote: `${"before ".repeat(60)}Models run here. after` };
  const text = excerpt(long, quotedSpans(content, long));
  expect(text).toMatch(/^… before .*Models run here\. after$/);
  expect(text.length).toBeLessThan(160);
  expect(excerpt(citation, [])).toBe(quote);
});

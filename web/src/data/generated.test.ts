// @vitest-environment node
import { generatedText } from "./generated";

it("says what came of it, what was refused, and why it stopped", () => {
  expect(generatedText({ records: 12, requests: 5, from_cache: 2, refused: { "not a question": 3 }, stopped: "12 records were asked for" })).toBe(
    "12 rows made, with 5 requests to the model and 2 from before. Refused: 3 × not a question. 12 records were asked for.",
  );
  expect(generatedText({ records: 1, requests: 1, from_cache: 0, refused: {}, stopped: null })).toBe("1 row made, with 1 request to the model.");
});

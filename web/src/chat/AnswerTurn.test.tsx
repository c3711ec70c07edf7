import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import type { CitationOut, HitOut, MessageOut } from "@/api/types";
import { AnswerTurn } from "./AnswerTurn";
import type { ThreadActions } from "./threadActions";

const where = { passage_id: 3, document_id: "d", version_id: "v", document: "lease.pdf", page_number: 4, page: 4, label: null, start: 10, end: 40 };
const citation: CitationOut = { ...where, number: 1, quote: "The deposit is 1,200 euros." };
const hit: HitOut = { ...where, text: "The deposit is 1,200 euros.", heading: [], score: 0.8, keyword: 4.2, dense: 0.6, rerank: null };
const message = (part: Partial<MessageOut>): MessageOut => ({
  id: "m", parent_id: "q", role: "assistant", content: "The deposit is 1,200 euros [1].", mode: "answer", citations: [citation], hits: [hit], model: "gemma",
  seconds: { first_text: 0.42, total: 2.2 }, finish_reason: "stop", rating: null, created: 1, streaming: false, error: null, ...part,
});

// The chunk is loaded before, so that no test waits for it.
beforeAll(() => import("./Markdown"));

function show(part: Partial<MessageOut> = {}) {
  const actions = { busy: false, regenerate: vi.fn(), edit: vi.fn(), show: vi.fn(), rate: vi.fn(), openCitation: vi.fn(), openPassage: vi.fn(), openSources: vi.fn() } satisfies ThreadActions;
  const one = message(part);
  const other = { ...one, id: "older" };
  const view = render(<AnswerTurn turn={{ message: one, siblings: [other, one], index: 1 }} selected={null} actions={actions} />);
  return { actions, ...view };
}

it("opens the passage behind a citation", async () => {
  const { actions } = show();
  await userEvent.click(await screen.findByRole("button", { name: "Source 1: lease.pdf, page 4" }));
  expect(actions.openCitation).toHaveBeenCalledWith("m", 1);
});

it("shows the passage while a citation has the pointer, and hides it on Escape", async () => {
  show();
  await userEvent.hover(await screen.findByRole("button", { name: /Source 1/ }));
  expect(await screen.findByRole("tooltip")).toHaveTextContent("The deposit is 1,200 euros.");
  await userEvent.keyboard("{Escape}");
  await waitFor(() => expect(screen.queryByRole("tooltip")).toBeNull());
});

it("says calmly that the documents do not answer, and offers what came nearest", async () => {
  const { actions, container } = show({ mode: "not_found", content: "Not in your documents.", citations: [] });
  expect(screen.getByText("Not in your documents")).toBeVisible();
  expect(container.querySelector("[role=alert]")).toBeNull();
  await userEvent.click(screen.getByText("The deposit is 1,200 euros."));
  expect(actions.openPassage).toHaveBeenCalledWith("m", 3);
});

it("walks through versions, rates, and takes a rating back", async () => {
  const { actions } = show({ rating: 1 });
  expect(screen.getByText("2/2")).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: "Earlier version" }));
  expect(actions.show).toHaveBeenCalledWith("older");
  await userEvent.click(screen.getByRole("button", { name: "Good answer" }));
  await userEvent.click(screen.getByRole("button", { name: "Bad answer" }));
  expect(actions.rate.mock.calls).toEqual([
    ["m", null],
    ["m", -1],
  ]);
});

it("says how it was made and how long that took", async () => {
  show({ mode: "quote" });
  expect(screen.getByText("Quoted word for word")).toBeVisible();
  expect(screen.getByText("0.4 s to the first words · 2.2 s in all")).toBeVisible();
});

it("shows why an answer failed, with a way to try again", async () => {
  const { actions } = show({ content: "", mode: null, error: { type: "server_error", message: "The engine died.", code: "engine", hint: "Ask again." } });
  expect(screen.getByRole("alert")).toHaveTextContent("The engine died.Ask again.");
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(actions.regenerate).toHaveBeenCalledWith("m");
});

it("has no serious accessibility finding", async () => {
  const { container } = show();
  await screen.findByRole("button", { name: /Source 1/ });
  // jsdom has no layout, so contrast cannot be measured here; the browser tests do that.
  const { violations } = await axe.run(container, { rules: { "color-contrast": { enabled: false }, region: { enabled: false } } });
  expect(violations.filter((one) => one.impact === "serious" || one.impact === "critical")).toEqual([]);
});

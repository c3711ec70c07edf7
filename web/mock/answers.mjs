// How the mock answers: it looks for shared words, quotes what it finds, and streams it word by word.
import { id, now } from "./data.mjs";

const STOP = new Set("a an and are can do does for how i in is it my of on or that the this to was what when which who with you".split(" "));
const words = (text) => new Set((text.toLowerCase().match(/\p{L}{3,}/gu) ?? []).filter((word) => !STOP.has(word)));

/** Hits of a question, best first. */
export function find(state, query, { collectionIds = [], documentIds = [], limit = 8 }) {
  const wanted = words(query);
  const hits = state.documents
    .filter((one) => (!collectionIds.length || collectionIds.includes(one.out.collection_id)) && (!documentIds.length || documentIds.includes(one.out.id)))
    .flatMap((one) =>
      one.passages.map((passage) => {
        const shared = [...wanted].filter((word) => words(passage.text).has(word)).length;
        const share = wanted.size ? shared / wanted.size : 0;
        return {
          ...passage, document_id: one.out.id, version_id: one.out.version_id, document: one.out.name, page: passage.page_number, label: null,
          score: share, keyword: shared ? shared * 2.31 : null, dense: share ? 0.2 + 0.6 * share : null, rerank: null,
        };
      }),
    );
  return hits.filter((hit) => hit.score > 0).sort((a, b) => b.score - a.score).slice(0, limit);
}

/** The finished message for a question. */
export function answerTo(state, question, conversation) {
  const base = { model: "gemma-270m", seconds: { search: 0.02, first_text: 0.41, total: 2.3 }, finish_reason: "stop" };
  if (!conversation.collection_ids.length) {
    return { ...base, mode: "chat", content: "Hello. I have not looked into any document for this, so take it as **a guess**.", citations: [], hits: [] };
  }
  const hits = find(state, question, { collectionIds: conversation.collection_ids });
  if (!hits.length || hits[0].score < 0.3) return { ...base, mode: "not_found", content: "Not in your documents.", citations: [], hits: hits.length ? hits : find(state, "documents machine", {}) };
  const used = hits.slice(0, 2);
  const citations = used.map((hit, index) => {
    const sentence = hit.text.split("\n").at(-1).split(/(?<=\.) /)[0];
    const start = hit.start + hit.text.indexOf(sentence);
    return { number: index + 1, passage_id: hit.passage_id, document_id: hit.document_id, version_id: hit.version_id, document: hit.document, page_number: hit.page_number, page: hit.page, label: null, start, end: start + sentence.length, quote: sentence };
  });
  const quoted = /quote/i.test(question);
  const content = citations.map((citation) => (quoted ? `> ${citation.quote} [${citation.number}]` : `${citation.quote} [${citation.number}]`)).join("\n\n");
  return { ...base, mode: quoted ? "quote" : "answer", model: quoted ? null : base.model, content, citations, hits };
}

/** Start streaming an answer into its message; every event is kept, so that a reader can resume. */
export function startAnswer(state, conversation, question, parentId, milliseconds) {
  const message = {
    id: id(), parent_id: parentId, role: "assistant", content: "", mode: null, citations: [], hits: [], model: "gemma-270m", seconds: {}, finish_reason: null,
    rating: null, created: now(), streaming: true, error: null,
  };
  const live = { events: [], readers: new Set(), stopped: false };
  state.live.set(message.id, live);
  const send = (event, data) => {
    const entry = { id: live.events.length + 1, event, data };
    live.events.push(entry);
    for (const reader of live.readers) reader(entry);
  };
  const final = answerTo(state, question, conversation);
  const pieces = final.mode === "not_found" ? [] : final.content.match(/\S+\s*/g);
  const finish = (content, finishReason) => {
    Object.assign(message, final, { content, finish_reason: finishReason, streaming: false });
    if (finishReason === "cancelled") message.citations = [];
    send("done", message);
  };
  const steps = [
    () => send("status", { status: "searching" }),
    () => send("hits", { hits: final.hits }),
    () => send("status", { status: "reading" }),
    () => send("status", { status: "writing" }),
    ...pieces.map((text) => () => send("text", { text })),
    () => finish(final.content, "stop"),
  ];
  let at = 0;
  const timer = setInterval(() => {
    if (live.stopped) {
      clearInterval(timer);
      finish(pieces.slice(0, Math.max(0, at - 4)).join(""), "cancelled");
    } else {
      steps[at]();
      at += 1;
      if (at === steps.length) clearInterval(timer);
    }
  }, milliseconds);
  return message;
}

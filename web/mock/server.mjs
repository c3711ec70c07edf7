// A stand-in for the server, for work on the pages alone: node mock/server.mjs [port] [--fresh] [--slow MS]. Nothing is kept.
import { readFileSync, existsSync } from "node:fs";
import { createServer } from "node:http";
import { extname } from "node:path";
import { find, startAnswer } from "./answers.mjs";
import { disclaimer, id, job, makeDocument, now, seed, settings } from "./data.mjs";
import { boxes, picture, size } from "./pictures.mjs";

const fresh = process.argv.includes("--fresh");
const slow = process.argv.indexOf("--slow");
const pace = slow > 0 ? Number(process.argv[slow + 1]) : 40;
const port = Number(process.argv[2]) || 7861;
const folder = new URL("../../headwater/server/static/", import.meta.url);
const types = { ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".pdf": "application/pdf" };

const state = { ...seed(), live: new Map(), feed: new Set(), signedIn: !fresh, needsSetup: fresh };
if (fresh) Object.assign(state, { collections: [], documents: [], jobs: [] });
const owner = { id: id(), name: "ada", role: "admin", disclaimer_accepted: !fresh, disabled: false, created: now() };
state.users = [owner, { ...owner, id: id(), name: "grace", role: "user" }];

class Refused extends Error {
  constructor(status, code, message, hint = null) {
    super(message);
    Object.assign(this, { status, body: { error: { type: "invalid_request_error", message, code, hint } } });
  }
}
const known = (list, key, pick = (one) => one.id) => {
  const found = list.find((one) => pick(one) === key);
  if (!found) throw new Refused(404, "not_found", `There is no ${key}.`, "It may have been deleted.");
  return found;
};
const collectionOut = (one) => {
  const inside = state.documents.filter((each) => each.out.collection_id === one.id).map((each) => each.out);
  const sum = (name) => inside.reduce((total, each) => total + each[name], 0);
  return { ...one, document_count: inside.length, passage_count: sum("passage_count"), embedded: sum("embedded") };
};
const documentOf = (key) => known(state.documents, key, (one) => one.out.id);
const tell = (event, data) => state.feed.forEach((send) => send({ event, data }));
const messageOf = (key) => {
  for (const conversation of state.conversations) {
    const message = conversation.messages.find((one) => one.id === key);
    if (message) return { conversation, message };
  }
  throw new Refused(404, "not_found", `There is no message ${key}.`);
};
const bare = ({ messages: _, ...conversation }) => conversation;

function add(conversation, message) {
  conversation.messages.push(message);
  Object.assign(conversation, { leaf_id: message.id, updated: now() });
  return message;
}

/** Read an upload in steps, telling the feed. */
function ingest(document, text) {
  const work = job("ingest", document.out.name, { state: "running", started: now(), progress: { done: 0, total: 3, unit: "pages", stage: "reading" } });
  state.jobs.unshift(work);
  tell("job", work);
  let step = 0;
  const timer = setInterval(() => {
    step += 1;
    if (step <= 3) {
      Object.assign(document.out, { state: "parsing" });
      work.progress = { done: step, total: 3, unit: "pages", stage: "reading" };
    } else {
      clearInterval(timer);
      const made = makeDocument(document.out.collection_id, document.out.name, document.out.size, text);
      Object.assign(document, { pages: made.pages, passages: made.passages, out: { ...made.out, id: document.out.id } });
      Object.assign(work, { state: "done", ended: now(), progress: null });
    }
    tell("job", { ...work });
    tell("document", document.out);
  }, 400);
  return work;
}

const routes = [
  ["GET", "/api/status", () => ({ version: "0.1.0", needs_setup: state.needsSetup, signed_in: state.signedIn, user: state.signedIn ? owner : null, chat_model: "gemma-270m", embedder: "minilm", models_ready: state.models.every((one) => !one.is_default || one.installed), disclaimer: { text: disclaimer, accepted: owner.disclaimer_accepted } })],
  ["POST", "/api/setup", ({ body }) => {
    if (body.token !== "token") throw new Refused(403, "forbidden", "This set-up link is not valid.", "Use the newest link that “headwater serve” printed.");
    Object.assign(state, { needsSetup: false, signedIn: true });
    return Object.assign(owner, { name: body.name });
  }],
  ["POST", "/api/login", ({ body }) => {
    if (body.password !== "password") throw new Refused(401, "sign_in", "Name or password is wrong.", null);
    state.signedIn = true;
    return owner;
  }],
  ["POST", "/api/logout", () => ((state.signedIn = false), {})],
  ["POST", "/api/disclaimer/accept", () => ((owner.disclaimer_accepted = true), {})],
  ["POST", "/api/password", () => ({})],
  ["GET", "/api/users", () => state.users],
  ["POST", "/api/users", ({ body }) => (state.users.push({ ...owner, id: id(), name: body.name, role: body.role }), state.users.at(-1))],
  ["PATCH", "/api/users/:id", ({ params, body }) => Object.assign(known(state.users, params[0]), body)],
  ["DELETE", "/api/users/:id", ({ params }) => ((state.users = state.users.filter((one) => one.id !== params[0])), {})],
  ["GET", "/api/keys", () => state.keys],
  ["POST", "/api/keys", ({ body }) => {
    const key = { id: id(), name: body.name, prefix: id().slice(0, 8), created: now(), last_used: null };
    state.keys.push(key);
    return { key, secret: `hw_${key.prefix}_${id()}${id()}` };
  }],
  ["DELETE", "/api/keys/:id", ({ params }) => ((state.keys = state.keys.filter((one) => one.id !== params[0])), {})],
  ["GET", "/api/settings", () => settings],
  ["GET", "/api/collections", () => state.collections.map(collectionOut)],
  ["POST", "/api/collections", ({ body }) => (state.collections.push({ id: id(), name: body.name, created: now() }), collectionOut(state.collections.at(-1)))],
  ["PATCH", "/api/collections/:id", ({ params, body }) => collectionOut(Object.assign(known(state.collections, params[0]), body))],
  ["DELETE", "/api/collections/:id", ({ params }) => {
    state.collections = state.collections.filter((one) => one.id !== params[0]);
    state.documents = state.documents.filter((one) => one.out.collection_id !== params[0]);
    return {};
  }],
  ["GET", "/api/collections/:id/documents", ({ params }) => state.documents.filter((one) => one.out.collection_id === params[0]).map((one) => one.out)],
  ["POST", "/api/collections/:id/documents", ({ params, raw }) => {
    const name = /filename="([^"]*)"/.exec(raw.toString("latin1"))?.[1] ?? "file";
    if (raw.length < 300 && !/\.txt/.test(name)) return { documents: [], errors: [{ name, message: `${name} is empty.`, hint: "Choose a file with content." }] };
    const document = { pages: [], passages: [], out: { ...makeDocument(params[0], name, raw.length, []).out, state: "queued", version_id: null, created: now() } };
    state.documents.push(document);
    const work = ingest(document, ["This is what was read from the file. The deposit is 1,200 euros and is paid back within 30 days."]);
    return { documents: [{ document: document.out, job_id: work.id }], errors: [] };
  }],
  ["GET", "/api/documents/:id", ({ params }) => documentOf(params[0]).out],
  ["DELETE", "/api/documents/:id", ({ params }) => (documentOf(params[0]), (state.documents = state.documents.filter((one) => one.out.id !== params[0])), {})],
  ["POST", "/api/documents/:id/retry", ({ params }) => ({ job_id: ingest(documentOf(params[0]), ["Read at last."]).id })],
  ["GET", "/api/documents/:id/pages", ({ params }) => ({ paged: true, pages: documentOf(params[0]).pages.map((text, index) => ({ number: index + 1, label: null, characters: text.length })) })],
  ["GET", "/api/documents/:id/pages/:n", ({ params }) => {
    const { out, pages } = documentOf(params[0]);
    return { number: Number(params[1]), label: null, text: pages[params[1] - 1], has_picture: out.media_type === "application/pdf", ...size };
  }],
  ["GET", "/api/documents/:id/pages/:n/picture", ({ params }) => ({ svg: picture(documentOf(params[0]).pages[params[1] - 1]) })],
  ["GET", "/api/documents/:id/pages/:n/boxes", ({ params, query }) => ({ boxes: boxes(documentOf(params[0]).pages[params[1] - 1], Number(query.get("start")), Number(query.get("end"))) })],
  ["POST", "/api/search", ({ body }) => ({ hits: find(state, body.query, { collectionIds: body.collection_ids, documentIds: body.document_ids, limit: body.limit }), seconds: 0.012 })],
  ["GET", "/api/conversations", ({ query }) => state.conversations.filter((one) => JSON.stringify(one).toLowerCase().includes((query.get("query") ?? "").toLowerCase())).map(bare)],
  ["POST", "/api/conversations", ({ body }) => {
    const conversation = { id: id(), title: body.title ?? "New chat", collection_ids: body.collection_ids ?? [], model: body.model ?? null, created: now(), updated: now(), leaf_id: null, messages: [] };
    state.conversations.push(conversation);
    return bare(conversation);
  }],
  ["GET", "/api/conversations/:id", ({ params }) => known(state.conversations, params[0])],
  ["PATCH", "/api/conversations/:id", ({ params, body }) => bare(Object.assign(known(state.conversations, params[0]), body))],
  ["DELETE", "/api/conversations/:id", ({ params }) => ((state.conversations = state.conversations.filter((one) => one.id !== params[0])), {})],
  ["POST", "/api/conversations/:id/messages", ({ params, body }) => {
    const conversation = known(state.conversations, params[0]);
    if (!conversation.messages.length) conversation.title = body.content.slice(0, 60);
    const user = add(conversation, { id: id(), parent_id: body.parent_id, role: "user", content: body.content, mode: null, citations: [], hits: [], model: null, seconds: {}, finish_reason: null, rating: null, created: now(), streaming: false, error: null });
    return { user, answer: add(conversation, startAnswer(state, conversation, body.content, user.id, pace)) };
  }],
  ["POST", "/api/messages/:id/regenerate", ({ params }) => {
    const { conversation, message } = messageOf(params[0]);
    const question = messageOf(message.parent_id).message.content;
    return { answer: add(conversation, startAnswer(state, conversation, question, message.parent_id, pace)) };
  }],
  ["POST", "/api/messages/:id/stop", ({ params }) => ((state.live.get(params[0]).stopped = true), {})],
  ["PATCH", "/api/messages/:id", ({ params, body }) => Object.assign(messageOf(params[0]).message, body)],
  ["GET", "/api/models", () => state.models],
  ["POST", "/api/models/:name/pull", ({ params, body }) => {
    const model = known(state.models, params[0], (one) => one.name);
    if (model.needs_acceptance && !body.accept_licence) throw new Refused(409, "licence", `${model.title} comes under ${model.licence}, which was not accepted.`);
    const work = job("pull", model.name, { state: "running", started: now() });
    state.jobs.unshift(work);
    let step = 0;
    const timer = setInterval(() => {
      step += 1;
      work.progress = { done: (model.size_bytes * step) / 20, total: model.size_bytes, unit: "bytes", stage: "downloading" };
      if (step === 20) {
        clearInterval(timer);
        Object.assign(work, { state: "done", ended: now(), progress: null });
        Object.assign(model, { installed: true, accepted: true });
      }
      tell("job", { ...work });
    }, 250);
    return { job_id: work.id };
  }],
  ["POST", "/api/models/:name/default", ({ params }) => (state.models.forEach((one) => (one.is_default = one.name === params[0])), {})],
  ["POST", "/api/models/:name/unload", ({ params }) => ((known(state.models, params[0], (one) => one.name).loaded = false), {})],
  ["DELETE", "/api/models/:name", ({ params }) => (Object.assign(known(state.models, params[0], (one) => one.name), { installed: false, loaded: false }), {})],
  ["GET", "/api/jobs", () => state.jobs],
  ["POST", "/api/jobs/:id/cancel", ({ params }) => {
    const work = Object.assign(known(state.jobs, params[0]), { state: "cancelled", ended: now() });
    tell("job", work);
    return {};
  }],
].map(([method, path, act]) => ({ method, pattern: new RegExp(`^${path.replace(/:\w+/g, "([^/]+)")}$`), act }));

function stream(request, response, subscribe) {
  response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
  response.write(": hello\n\n");
  const send = ({ id: number, event, data }) => response.write(`${number ? `id: ${number}\n` : ""}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  request.on("close", subscribe(send, () => response.end()));
}

function file(path, response) {
  const found = path.length > 1 && !path.includes("..") && existsSync(new URL(`.${path}`, folder)) ? path : "/index.html";
  const nonce = id();
  const policy = `default-src 'self'; script-src 'self'; style-src 'self' 'nonce-${nonce}'; img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'`;
  const content = readFileSync(new URL(`.${found}`, folder));
  const page = found === "/index.html";
  response.writeHead(200, { "Content-Type": page ? "text/html" : (types[extname(found)] ?? "application/octet-stream"), "Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff" });
  response.end(page ? content.toString().replaceAll("__NONCE__", nonce) : content);
}

createServer(async (request, response) => {
  const url = new URL(request.url, "http://mock");
  if (!url.pathname.startsWith("/api/")) return file(decodeURIComponent(url.pathname), response);
  if (url.pathname === "/api/events") return stream(request, response, (send) => (state.feed.add(send), () => state.feed.delete(send)));
  const events = /^\/api\/messages\/([^/]+)\/events$/.exec(url.pathname);
  if (events) {
    const live = state.live.get(events[1]);
    const after = Number(request.headers["last-event-id"] ?? 0);
    return stream(request, response, (send, end) => {
      const reader = (entry) => (send(entry), entry.event === "done" && end());
      live.events.slice(after).forEach(reader);
      live.readers.add(reader);
      return () => live.readers.delete(reader);
    });
  }
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  const raw = Buffer.concat(pieces);
  try {
    if (request.method !== "GET" && request.headers["x-headwater"] !== "1") throw new Refused(403, "forbidden", "The header X-Headwater is missing.");
    for (const { method, pattern, act } of routes) {
      const match = method === request.method && pattern.exec(url.pathname);
      if (!match) continue;
      const body = request.headers["content-type"]?.includes("json") && raw.length ? JSON.parse(raw) : {};
      const answer = act({ params: match.slice(1).map(decodeURIComponent), body, raw, query: url.searchParams });
      response.writeHead(200, { "Content-Type": answer.svg ? "image/svg+xml" : "application/json" });
      return response.end(answer.svg ?? JSON.stringify(answer));
    }
    throw new Refused(404, "not_found", `There is nothing at ${url.pathname}.`);
  } catch (error) {
    response.writeHead(error.status ?? 500, { "Content-Type": "application/json" });
    response.end(JSON.stringify(error.body ?? { error: { type: "server_error", message: String(error), code: "failed", hint: null } }));
  }
}).listen(port, "127.0.0.1", () => console.log(`http://127.0.0.1:${port}`));

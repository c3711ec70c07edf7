// What the mock server holds: a few documents, models and jobs. Everything lives in memory.
export const id = () => Math.random().toString(16).slice(2, 10).padEnd(8, "0") + Math.random().toString(16).slice(2, 10).padEnd(8, "0");
export const now = () => Date.now() / 1000;

export const guidePages = [
  `A short guide to Headwater

What Headwater is
Headwater answers questions about your own documents, on your own machine. You drop files in, ask in plain words, and get an answer in which every sentence names the passage it rests on.

What stays on this machine
Nothing leaves your machine while you ask. Your documents, questions and answers are kept in one data directory, and the models run on your own processor. There is no telemetry and no update check. The only time Headwater uses a network is when an administrator installs a model.`,
  `When the documents do not answer
If no passage answers your question, Headwater says “Not in your documents” and shows the passages that came nearest. It does not fill the gap from memory.

Which files you can add
Headwater reads more than eighty kinds of files: PDF, Word, Excel, PowerPoint, e-mail, web pages, e-books, pictures, archives and plain text. A file can be searched by its words as soon as it is read.`,
  `Changing and deleting
Deleting a document removes the file, its text, its passages and its vectors from the disk. Conversations that cited it stay, but their citations no longer open.`,
];

/** Cut a page into the passages that its blank lines make. */
export function passagesOf(pages) {
  return pages.flatMap((text, index) => {
    let at = 0;
    return text.split("\n\n").map((part) => {
      const start = text.indexOf(part, at);
      at = start + part.length;
      return { page_number: index + 1, start, end: at, text: part, heading: part.includes("\n") ? [part.split("\n")[0]] : [] };
    });
  });
}

let nextPassage = 1;
export function makeDocument(collectionId, name, size, pages, extra = {}) {
  const passages = passagesOf(pages).map((passage) => ({ ...passage, passage_id: nextPassage++ }));
  return {
    out: {
      id: id(), collection_id: collectionId, name, state: "searchable", error: null, hint: null, warnings: [], page_count: pages.length,
      passage_count: passages.length, embedded: passages.length, size, media_type: "application/pdf", created: now() - 3600, version_id: id(), parent_id: null, ...extra,
    },
    pages,
    passages,
  };
}

const lorem = (word, count) => Array.from({ length: count }, (_, index) => `${word} ${index + 1}. The committee noted the report and asked for further work on the budget of the coming year.`);

export function seed() {
  const handbook = { id: id(), name: "Handbook", created: now() - 90000 };
  const contracts = { id: id(), name: "Contracts 2026", created: now() - 80000 };
  const documents = [
    makeDocument(handbook.id, "A short guide to Headwater.pdf", 60917, guidePages),
    makeDocument(contracts.id, "Lease, Harbour Street 12.pdf", 1843000, lorem("Section", 12)),
    makeDocument(contracts.id, "Minutes of the annual general meeting, with attachments.docx", 92000, lorem("Item", 4), { embedded: 1 }),
    makeDocument(contracts.id, "Costs.xlsx", 41200, ["Heating\t1,204\nWater\t330", "Rent\t12,000"], { warnings: ["2 hidden sheets were read too."], media_type: "text/csv" }),
    makeDocument(contracts.id, "scan_0042.pdf", 5120000, [], { state: "parsing", passage_count: 0, embedded: 0, page_count: 0, version_id: null }),
    makeDocument(contracts.id, "old/backup.zip", 8200000, [], { state: "queued", passage_count: 0, embedded: 0, page_count: 0, version_id: null }),
    makeDocument(contracts.id, "salaries.pdf", 220000, [], {
      state: "failed", passage_count: 0, embedded: 0, page_count: 0, version_id: null,
      error: "salaries.pdf is encrypted and cannot be read without its password.", hint: "Save a copy without a password and add that.",
    }),
  ];
  const jobs = [
    job("ingest", "scan_0042.pdf", { state: "running", progress: { done: 12, total: 40, unit: "pages", stage: "reading" }, started: now() - 31 }),
    job("ingest", "old/backup.zip", {}),
    job("ingest", "A short guide to Headwater.pdf", { state: "done", started: now() - 3600, ended: now() - 3599.2 }),
    job("ingest", "salaries.pdf", { state: "failed", started: now() - 300, ended: now() - 299, error: "salaries.pdf is encrypted and cannot be read without its password.", hint: "Save a copy without a password and add that." }),
  ];
  return { collections: [handbook, contracts], documents, jobs, models: models(), conversations: [], users: [], keys: [], uploads: 0 };
}

export function job(kind, subject, extra) {
  return { id: id(), kind, subject, state: "queued", progress: null, error: null, hint: null, created: now(), started: null, ended: null, result: null, ...extra };
}

function models() {
  const model = (name, title, task, extra) => ({
    name, title, task, licence: "Apache-2.0", licence_url: "https://www.apache.org/licenses/LICENSE-2.0", needs_acceptance: false, accepted: true,
    installed: false, loaded: false, is_default: false, fits: true, notes: "", licence_text: null, ...extra,
  });
  return [
    model("gemma-270m", "Gemma 3 270M", "chat", {
      licence: "Gemma Terms of Use", licence_url: "https://ai.google.dev/gemma/terms", needs_acceptance: true, accepted: false, licence_text: "You may use, change and share the model, not for the uses its prohibited-use policy names; whoever you pass it to gets the same terms.", size_bytes: 253_000_000, is_default: true,
      plan: "Fits: needs 0.6 GB of the 21.3 GB that are free.", notes: "A small base model: quick on any machine, best at quoting.",
    }),
    model("qwen3-8b", "Qwen3 8B", "chat", { size_bytes: 16_400_000_000, fits: false, plan: "Does not fit: needs 24.1 GB, 21.3 GB are free. A 4-bit version needs 6.2 GB." }),
    model("minilm", "all-MiniLM-L6-v2", "embed", { size_bytes: 23_000_000, installed: true, loaded: true, is_default: true, plan: "Fits: needs 0.1 GB of the 21.3 GB that are free." }),
  ];
}

export const settings = [
  ["data_dir", "/home/ada/.local/share/headwater", "/home/ada/.local/share/headwater", "default", "Directory of the workspace."],
  ["host", "0.0.0.0", "127.0.0.1", "flag", "Address the server listens on."],
  ["threads", 8, 8, "default", "CPU threads a model may use."],
  ["ocr", false, true, "file", "Read pages without text by OCR (needs the extra 'ocr')."],
  ["database_url", null, null, "default", "SQLAlchemy URL; SQLite in the data directory when unset."],
].map(([name, value, fallback, source, description]) => ({ name, value, default: fallback, source, description, restart: true }));

export const disclaimer =
  "Headwater uses language models. They can be wrong, biased or incomplete, and a fluent answer is not proof of a true one. Check important answers against the passages they name. You use it at your own risk, and you are responsible for what you do with its answers.";

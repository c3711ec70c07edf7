// Fails when the first page needs more bytes or requests than it may. Reads what `vite build` wrote.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const MOST_KILOBYTES = 150;
/** 15 in all; the chat page also asks the API: status, conversations, collections, models, jobs, events. */
const MOST_FILES = 15 - 6;
const folder = new URL("../../headwater/server/static/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", folder), "utf8"));

/** A chunk with all that it imports before it can run, styles included. */
function closure(name, files = new Set()) {
  const chunk = manifest[name];
  if (!chunk) throw new Error(`The manifest has no ${name}: the first page was renamed?`);
  if (files.has(chunk.file)) return files;
  files.add(chunk.file);
  for (const style of chunk.css ?? []) files.add(style);
  for (const imported of chunk.imports ?? []) closure(imported, files);
  return files;
}

// The chat, the first page, is part of the entry.
const files = new Set(["index.html", "theme.js"]);
for (const file of closure("index.html")) files.add(file);
let total = 0;
for (const file of files) {
  const bytes = gzipSync(readFileSync(new URL(file, folder))).length;
  total += bytes;
  console.log(`${(bytes / 1000).toFixed(1).padStart(7)} kB  ${file}`);
}
const kilobytes = total / 1000;
console.log(JSON.stringify({ first_load_kilobytes: Number(kilobytes.toFixed(1)), files: files.size, most_kilobytes: MOST_KILOBYTES, most_files: MOST_FILES }));
if (kilobytes > MOST_KILOBYTES || files.size > MOST_FILES) {
  console.error(`The first page is too heavy: ${kilobytes.toFixed(1)} kB in ${files.size} files; it may have ${MOST_KILOBYTES} kB in ${MOST_FILES}.`);
  process.exit(1);
}

// Writes src/api/schema.d.ts from openapi.json, the server's own description of its API. With --check it only compares.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import openapiTypescript, { astToString } from "openapi-typescript";

const target = new URL("../src/api/schema.d.ts", import.meta.url);
const description = JSON.parse(readFileSync(new URL("../openapi.json", import.meta.url), "utf8"));
const header = "/** Generated from openapi.json by `make types`. Do not edit. */\n";
const text = header + astToString(await openapiTypescript(description, { defaultNonNullable: false }));

if (!process.argv.includes("--check")) writeFileSync(target, text);
else if (!existsSync(target) || readFileSync(target, "utf8") !== text) {
  console.error("src/api/schema.d.ts does not fit openapi.json. Run: make types");
  process.exit(1);
}

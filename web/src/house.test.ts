// @vitest-environment node
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

const LONGEST = 300;
const root = join(import.meta.dirname, "..");

function files(folder: string): string[] {
  return readdirSync(join(root, folder)).flatMap((name) => {
    const path = join(folder, name);
    return statSync(join(root, path)).isDirectory() ? files(path) : [path];
  });
}
const sources = ["src", "mock", "scripts", "public"].flatMap(files).filter((path) => /\.(tsx?|mjs|js|css)$/.test(path) && !path.endsWith("schema.d.ts"));
const text = (path: string) => readFileSync(join(root, path), "utf8");

it("keeps files short enough to read", () => {
  expect(sources.filter((path) => text(path).split("\n").length > LONGEST)).toEqual([]);
});

it("says at the top of each file what it is for", () => {
  const silent = sources.filter((path) => /src\/.*\.tsx?$/.test(path) && !path.includes(".test.") && !path.endsWith("test-setup.ts") && !text(path).startsWith("/**"));
  expect(silent).toEqual([]);
});

it("loads nothing from anywhere else", () => {
  const loads = /(src|href|url|fetch|import)\s*[=(:]?\s*\(?\s*["'`]https?:\/\//;
  expect(sources.filter((path) => path.startsWith("src") && !path.includes(".test.") && loads.test(text(path)))).toEqual([]);
  // The icon is inside the page; its namespace is a name, not an address.
  expect(text("index.html").replaceAll("http://www.w3.org/2000/svg", "")).not.toMatch(/https?:\/\//);
});

it("writes no HTML by hand and no inline script", () => {
  const risky = /dangerouslySetInnerHTML|\.innerHTML\s*=|insertAdjacentHTML|document\.write|new Function|\beval\(/;
  expect(sources.filter((path) => path.startsWith("src") && !path.includes(".test.") && risky.test(text(path)))).toEqual([]);
  expect(text("index.html")).not.toMatch(/<script(?![^>]*src=)|\son\w+=/);
});

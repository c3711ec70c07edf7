/** A call of one address of the API: path, parameters, body and answer are checked against the server's description. */
import { request } from "./client";
import type { paths } from "./schema";

type Method = "get" | "post" | "patch" | "delete";
type PathWith<M extends Method> = { [P in keyof paths]: paths[P] extends Record<M, object> ? P : never }[keyof paths];
type Operation<M extends Method, P extends PathWith<M>> = paths[P] extends Record<M, infer O> ? O : never;

type InPath<O> = O extends { parameters: { path: infer V } } ? { path: V } : unknown;
type InQuery<O> = O extends { parameters: { query: infer V } } ? { query: V } : O extends { parameters: { query?: infer V } } ? { query?: V } : unknown;
type InBody<O> = O extends { requestBody: { content: { "application/json": infer V } } }
  ? { body: V }
  : O extends { requestBody?: { content: { "application/json": infer V } } }
    ? { body?: V }
    : unknown;
export type Input<O> = InPath<O> & InQuery<O> & InBody<O> & { signal?: AbortSignal };

type JsonOf<R> = R extends { content: { "application/json": infer V } } ? V : never;
type Answer<O> = O extends { responses: infer R } ? JsonOf<R[keyof R & (200 | 201 | 202)]> : never;

interface AnyInput {
  path?: Record<string, string | number>;
  query?: Record<string, string | number | null | undefined>;
  body?: unknown;
  signal?: AbortSignal;
}

/** Send it. Raises ApiError. */
export function call<M extends Method, P extends PathWith<M>>(method: M, path: P, input: Input<Operation<M, P>>): Promise<Answer<Operation<M, P>>> {
  const { path: inPath = {}, query = {}, body, signal } = input as AnyInput;
  const verb = method.toUpperCase() as Uppercase<M>;
  const needsBody = method === "post" || method === "patch";
  return request(verb, address(path, inPath, query), needsBody ? (body ?? {}) : body, signal);
}

/** "/a/{id}" with {id: "x y"} and {page: 2} -> "/a/x%20y?page=2"; parameters that are not given are left out. */
export function address(path: string, inPath: Record<string, string | number>, query: NonNullable<AnyInput["query"]> = {}): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(inPath[name])));
  const given = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== "");
  const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return search ? `${filled}?${search}` : filled;
}

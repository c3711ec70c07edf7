/** One way to call the server: JSON in, JSON out, and every failure as an ApiError that says what to do. */
import type { ErrorBody } from "./types";

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly hint: string | null,
  ) {
    super(message);
    this.name = "ApiError";
  }

  /** The server was not reached at all. */
  get offline(): boolean {
    return this.status === 0;
  }
}

export const offlineError = () =>
  new ApiError(0, "offline", "Headwater does not answer.", "Check that “headwater serve” is still running, then try again.");

type Method = "GET" | "POST" | "PATCH" | "DELETE";
let signedOut: () => unknown = () => undefined;

/** What to do when the server says that the session has ended. */
export function onSignedOut(handler: () => unknown): void {
  signedOut = handler;
}

/** Headers that every request of this page carries; a page of another site cannot set the second one. */
export const requestHeaders = { Accept: "application/json", "X-Headwater": "1" };

export async function request<T>(method: Method, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      signal,
      credentials: "same-origin",
      headers: body === undefined ? requestHeaders : { ...requestHeaders, "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw offlineError();
  }
  if (!response.ok) throw await errorOf(response);
  if (response.status === 204) return undefined as T;
  return (await response.json()) as T;
}

/** Read the error of a response that is not ok. */
export async function errorOf(response: Response): Promise<ApiError> {
  const text = await response.text();
  const error = parseError(text, response.status);
  if (response.status === 401 && error.code === "sign_in") signedOut();
  return error;
}

/** Turn a failed response's text into an error; anything that is not ours keeps its status and first words. */
export function parseError(text: string, status: number): ApiError {
  try {
    const { error } = JSON.parse(text) as { error?: Partial<ErrorBody> };
    if (error?.message) return new ApiError(status, error.code ?? "failed", error.message, error.hint ?? null);
  } catch {
    // Not JSON: a proxy in between answered. Its words are shown below.
  }
  return new ApiError(status, "failed", `The server answered ${status}: ${text.slice(0, 200) || "nothing more"}`, "Try again; if it stays, look at the server's log.");
}

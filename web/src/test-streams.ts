/** Responses whose body comes in pieces, for tests of streams. */
const encoder = new TextEncoder();

/** A response that gives the pieces one after the other, and then ends or breaks. */
export function streamed(pieces: readonly (string | Uint8Array)[], end: "close" | "break" = "close"): Response {
  let at = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const piece = pieces[at];
      at += 1;
      if (piece !== undefined) controller.enqueue(typeof piece === "string" ? encoder.encode(piece) : piece);
      else if (end === "close") controller.close();
      else controller.error(new TypeError("network error"));
    },
  });
  return new Response(body, { headers: { "Content-Type": "text/event-stream" } });
}

export const event = (id: number, name: string, data: unknown) => `id: ${id}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;

/** Answer the calls of fetch in turn; returns the headers each call came with. */
export function answerInTurn(responses: readonly (() => Response)[]): Headers[] {
  const seen: Headers[] = [];
  vi.stubGlobal("fetch", (_: string, init: RequestInit) => {
    const make = responses[seen.length];
    seen.push(new Headers(init.headers));
    return make ? Promise.resolve(make()) : Promise.reject(new TypeError("no more responses"));
  });
  return seen;
}

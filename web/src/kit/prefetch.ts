/** Fetch a chunk of the app before it is needed. A failure is no news yet: whoever draws the chunk asks for it again and says so. */
export function prefetch(load: () => Promise<unknown>): void {
  load().catch(() => undefined);
}

/** The part of a chat's address that says what its side panel shows. */
export interface ChatSearch {
  /** The answer whose sources are shown. */
  answer?: string;
  /** Its citation that is open. */
  cite?: number;
  /** Or its passage that is open. */
  passage?: number;
}

export function readChatSearch(search: Record<string, unknown>): ChatSearch {
  const number = (value: unknown) => (Number.isInteger(Number(value)) && value !== undefined ? Number(value) : undefined);
  return {
    answer: search.answer === undefined ? undefined : String(search.answer),
    cite: number(search.cite),
    passage: number(search.passage),
  };
}

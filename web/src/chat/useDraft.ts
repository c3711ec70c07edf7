/** The unsent text of each conversation, kept across reloads and restarts of the server. */
import { useEffect, useState } from "react";

export function useDraft(conversationId: string | null): [string, (text: string) => void] {
  const name = `headwater.draft.${conversationId ?? "new"}`;
  const [text, setText] = useState(() => sessionStorage.getItem(name) ?? "");
  useEffect(() => setText(sessionStorage.getItem(name) ?? ""), [name]);
  const change = (next: string) => {
    setText(next);
    if (next) sessionStorage.setItem(name, next);
    else sessionStorage.removeItem(name);
  };
  return [text, change];
}

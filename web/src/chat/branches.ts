/** A conversation is a tree: edits and regenerations are siblings. These functions walk it. */
import type { MessageOut } from "@/api/types";

export interface Turn {
  message: MessageOut;
  /** Every version of this turn, oldest first, and which of them is shown. */
  siblings: readonly MessageOut[];
  index: number;
}

type Children = Map<string | null, MessageOut[]>;

function childrenOf(messages: readonly MessageOut[]): Children {
  const children: Children = new Map();
  for (const message of messages) {
    const list = children.get(message.parent_id);
    if (list) list.push(message);
    else children.set(message.parent_id, [message]);
  }
  for (const list of children.values()) list.sort((a, b) => a.created - b.created);
  return children;
}

/** The turns from the first message to `leafId`; without a (known) leaf, to the newest one. */
export function branch(messages: readonly MessageOut[], leafId: string | null): Turn[] {
  const byId = new Map(messages.map((message) => [message.id, message]));
  const children = childrenOf(messages);
  let at = (leafId && byId.get(leafId)) || newestUnder(children, null);
  const turns: Turn[] = [];
  const seen = new Set<string>();
  while (at && !seen.has(at.id)) {
    seen.add(at.id);
    const siblings = children.get(at.parent_id) ?? [at];
    turns.unshift({ message: at, siblings, index: siblings.indexOf(at) });
    at = at.parent_id ? byId.get(at.parent_id) : undefined;
  }
  return turns;
}

/** The end of the newest branch under `messageId`, itself when nothing follows. */
export function newestLeaf(messages: readonly MessageOut[], messageId: string): string {
  return newestUnder(childrenOf(messages), messageId)?.id ?? messageId;
}

function newestUnder(children: Children, id: string | null): MessageOut | undefined {
  let at = children.get(id)?.at(-1);
  for (let next = at; next; next = children.get(next.id)?.at(-1)) at = next;
  return at;
}

/** Put new or changed messages into the list, keeping the others. */
export function withMessages(messages: readonly MessageOut[], changed: readonly MessageOut[]): MessageOut[] {
  const ids = new Set(changed.map((message) => message.id));
  return [...messages.filter((message) => !ids.has(message.id)), ...changed];
}

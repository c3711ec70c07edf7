/** The conversations of this person, newest first, with search over what was said in them. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import Ellipsis from "lucide-react/icons/ellipsis";
import SquarePen from "lucide-react/icons/square-pen";
import { useDeferredValue, useMemo, useState } from "react";
import { conversationsQuery } from "@/api/chat";
import type { ConversationOut } from "@/api/types";
import { buttonClass, IconButton } from "@/kit/Button";
import { cx } from "@/kit/cx";
import { ErrorNote, Skeleton } from "@/kit/Feedback";
import { inputClass } from "@/kit/Field";
import { dayGroup } from "@/kit/format";
import { ListColumn } from "@/shell/ListColumn";
import { ConversationMenu } from "./ConversationMenu";

export function ConversationList({ currentId, crowded }: { currentId: string | null; crowded: boolean }) {
  const [text, setText] = useState("");
  const query = useDeferredValue(text.trim());
  const { data, error, refetch } = useQuery(conversationsQuery(query));
  const groups = useMemo(() => grouped(data ?? []), [data]);
  return (
    <ListColumn label="Conversations" crowded={crowded}>
      <div className="space-y-2 p-3">
        <Link to="/chat" className={cx(buttonClass("plain"), "w-full")} title="New chat (n)">
          <SquarePen aria-hidden size={16} />
          New chat
        </Link>
        <input data-search type="search" aria-label="Search conversations" placeholder="Search conversations" className={cx(inputClass, "h-9")} value={text} onChange={(event) => setText(event.target.value)} />
      </div>
      <nav aria-label="Conversations" className="min-h-0 flex-1 overflow-y-auto px-3 pb-3">
        {error && !data && <ErrorNote error={error} onRetry={() => void refetch()} />}
        {!data && !error && <Skeleton lines={6} className="px-2 pt-2" />}
        {data?.length === 0 && <p className="px-2 py-3 text-muted">{query ? `No conversation speaks of “${query}”.` : "Your conversations will be listed here."}</p>}
        {groups.map(([name, conversations]) => (
          <section key={name} aria-label={name}>
            <h2 className="px-2 pt-3 pb-1 text-[13px] text-muted">{name}</h2>
            <ul>
              {conversations.map((conversation) => (
                <Row key={conversation.id} conversation={conversation} current={conversation.id === currentId} />
              ))}
            </ul>
          </section>
        ))}
      </nav>
    </ListColumn>
  );
}

function Row({ conversation, current }: { conversation: ConversationOut; current: boolean }) {
  return (
    <li className={cx("group/row flex items-center rounded-lg", current ? "bg-accent-soft" : "hover:bg-hover")}>
      <Link
        to="/chat/$conversationId"
        params={{ conversationId: conversation.id }}
        aria-current={current ? "page" : undefined}
        className={cx("min-w-0 flex-1 truncate py-2 pl-2.5", current && "font-medium text-accent")}
      >
        {conversation.title}
      </Link>
      <ConversationMenu
        conversation={conversation}
        trigger={
          <IconButton
            label={`Actions for ${conversation.title}`}
            icon={Ellipsis}
            className={cx(!current && "opacity-0 group-focus-within/row:opacity-100 group-hover/row:opacity-100 aria-expanded:opacity-100")}
          />
        }
      />
    </li>
  );
}

function grouped(conversations: readonly ConversationOut[]): [string, ConversationOut[]][] {
  const groups = new Map<string, ConversationOut[]>();
  for (const conversation of [...conversations].sort((a, b) => b.updated - a.updated)) {
    const name = dayGroup(conversation.updated);
    groups.set(name, [...(groups.get(name) ?? []), conversation]);
  }
  return [...groups];
}

/** Ctrl K: go anywhere, find a conversation or a document, change the theme. */
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import type { LucideIcon } from "lucide-react";
import FileText from "lucide-react/icons/file-text";
import MessageSquare from "lucide-react/icons/message-square";
import Moon from "lucide-react/icons/moon";
import Plus from "lucide-react/icons/plus";
import Sun from "lucide-react/icons/sun";
import { useDeferredValue, useMemo, useState, type KeyboardEvent } from "react";
import { conversationsQuery } from "@/api/chat";
import { collectionsQuery, documentsQuery } from "@/api/documents";
import { queryClient } from "@/api/queryClient";
import { cx } from "@/kit/cx";
import { Dialog } from "@/kit/Dialog";
import { places } from "./navigation";
import { openOverlay } from "./overlays";
import { setTheme } from "./theme";

interface Entry {
  id: string;
  label: string;
  kind: string;
  icon: LucideIcon;
  run: () => void;
}

const SHOWN_ENTRIES = 12;

export default function Palette() {
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const entries = useEntries(useDeferredValue(text.trim().toLowerCase()));
  const current = Math.min(at, entries.length - 1);
  const run = (entry: Entry | undefined) => {
    if (!entry) return;
    openOverlay(null);
    entry.run();
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown") setAt(Math.min(current + 1, entries.length - 1));
    else if (event.key === "ArrowUp") setAt(Math.max(current - 1, 0));
    else if (event.key === "Enter" && !event.nativeEvent.isComposing) run(entries[current]);
    else return;
    event.preventDefault();
  };
  return (
    <Dialog open onClose={() => openOverlay(null)} title="Search and commands" side="top" hideTitle>
      <input
        data-autofocus
        role="combobox"
        aria-expanded
        aria-controls="palette-list"
        aria-activedescendant={entries[current] ? `palette-${entries[current].id}` : undefined}
        aria-label="Search pages, conversations and documents"
        placeholder="Search pages, conversations and documents"
        className="h-14 w-full border-b bg-transparent px-5 text-base outline-none placeholder:text-muted"
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
        }}
        onKeyDown={onKey}
      />
      <ul id="palette-list" role="listbox" aria-label="Results" className="max-h-[56dvh] overflow-y-auto p-2">
        {entries.map((entry, index) => (
          <li
            key={entry.id}
            id={`palette-${entry.id}`}
            role="option"
            aria-selected={index === current}
            className={cx("flex h-10 cursor-pointer items-center gap-3 rounded-lg px-3", index === current && "bg-hover")}
            onMouseMove={() => setAt(index)}
            onClick={() => run(entry)}
          >
            <entry.icon aria-hidden size={16} className="shrink-0 text-muted" />
            <span className="min-w-0 flex-1 truncate">{entry.label}</span>
            <span className="text-[13px] text-muted">{entry.kind}</span>
          </li>
        ))}
      </ul>
      {!entries.length && <p className="px-5 pb-5 text-muted">Nothing is called “{text}”.</p>}
    </Dialog>
  );
}

function useEntries(text: string): Entry[] {
  const navigate = useNavigate();
  const { data: conversations } = useQuery(conversationsQuery(text));
  const { data: collections } = useQuery(collectionsQuery);
  const { data: listed } = useQuery({
    queryKey: ["palette", collections?.map((one) => one.id)],
    queryFn: () => Promise.all((collections ?? []).map((one) => queryClient.fetchQuery(documentsQuery(one.id)))),
    enabled: collections !== undefined,
  });
  return useMemo(() => {
    const pages: Entry[] = [
      { id: "new", label: "New chat", kind: "Command", icon: Plus, run: () => void navigate({ to: "/chat" }) },
      ...places.map((place) => ({ id: place.to.slice(1), label: place.label, kind: "Page", icon: place.icon, run: () => void navigate({ to: place.to }) })),
      { id: "light", label: "Light theme", kind: "Command", icon: Sun, run: () => setTheme("light") },
      { id: "dark", label: "Dark theme", kind: "Command", icon: Moon, run: () => setTheme("dark") },
    ];
    // The server has searched the conversations already, their messages included.
    const chats = (conversations ?? []).map((one) => ({
      id: one.id,
      label: one.title,
      kind: "Conversation",
      icon: MessageSquare,
      run: () => void navigate({ to: "/chat/$conversationId", params: { conversationId: one.id } }),
    }));
    const documents = (listed ?? [])
      .flat()
      .map((one) => ({
        id: one.id,
        label: one.name,
        kind: "Document",
        icon: FileText,
        run: () => void navigate({ to: "/documents/$documentId", params: { documentId: one.id } }),
      }));
    const has = (entry: Entry) => entry.label.toLowerCase().includes(text);
    return [...pages.filter(has), ...documents.filter(has).slice(0, 6), ...chats.slice(0, 6)].slice(0, SHOWN_ENTRIES);
  }, [conversations, listed, navigate, text]);
}

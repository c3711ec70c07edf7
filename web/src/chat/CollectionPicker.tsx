/** Which collections a question asks. None: the model answers alone. */
import { useQuery } from "@tanstack/react-query";
import ChevronDown from "lucide-react/icons/chevron-down";
import FileText from "lucide-react/icons/file-text";
import MessageCircle from "lucide-react/icons/message-circle";
import { collectionsQuery } from "@/api/documents";
import type { CollectionOut } from "@/api/types";
import { count } from "@/kit/format";
import { Menu, type MenuEntry } from "@/kit/Menu";

export const chipClass =
  "inline-flex h-8 min-w-0 shrink items-center gap-1.5 rounded-lg px-2 text-[13px] text-muted hover:bg-hover hover:text-fg aria-expanded:bg-hover";

export function CollectionPicker({ chosen, onChoose }: { chosen: readonly string[]; onChoose: (ids: string[]) => void }) {
  const { data: collections } = useQuery(collectionsQuery);
  const all = collections ?? [];
  const picked = all.filter((one) => chosen.includes(one.id));
  const toggle = (id: string, on: boolean) => onChoose(on ? [...chosen, id] : chosen.filter((one) => one !== id));
  const Icon = picked.length ? FileText : MessageCircle;
  const entries: MenuEntry[] = [
    { kind: "label", label: all.length ? "Ask these documents" : "No documents yet: drop a file on this page" },
    ...all.map(
      (one): MenuEntry => ({
        kind: "check",
        label: one.name,
        hint: count(one.document_count, "file"),
        keepOpen: true,
        checked: chosen.includes(one.id),
        onChange: (on) => toggle(one.id, on),
      }),
    ),
    { kind: "line" },
    { kind: "check", label: "No documents, just the model", checked: picked.length === 0, onChange: () => onChoose([]) },
  ];
  return (
    <Menu
      side="top"
      entries={entries}
      trigger={
        <button type="button" className={chipClass} aria-label={`Documents to ask: ${nameOf(picked, all)}`}>
          <Icon aria-hidden size={15} className="shrink-0" />
          <span className="truncate">{nameOf(picked, all)}</span>
          <ChevronDown aria-hidden size={14} className="shrink-0" />
        </button>
      }
    />
  );
}

function nameOf(picked: readonly CollectionOut[], all: readonly CollectionOut[]): string {
  const [first] = picked;
  if (!first) return "No documents";
  if (picked.length === 1) return first.name;
  return picked.length === all.length ? "All documents" : `${picked.length} collections`;
}

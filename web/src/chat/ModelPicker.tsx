/** Which language model writes the answer. */
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import ChevronDown from "lucide-react/icons/chevron-down";
import Cpu from "lucide-react/icons/cpu";
import Download from "lucide-react/icons/download";
import { statusQuery } from "@/api/account";
import { modelsQuery } from "@/api/work";
import { Menu, type MenuEntry } from "@/kit/Menu";
import { chipClass } from "./CollectionPicker";

export function ModelPicker({ chosen, onChoose }: { chosen: string | null; onChoose: (name: string) => void }) {
  const navigate = useNavigate();
  const { data: models } = useQuery(modelsQuery);
  const { data: status } = useQuery(statusQuery);
  const usable = (models ?? []).filter((model) => model.task === "chat" && model.installed);
  const current = usable.find((model) => model.name === chosen) ?? usable.find((model) => model.is_default);
  // A model behind an address is not in the list: its weights are not here.
  const elsewhere = status?.chat_model && models && !models.some((model) => model.name === status.chat_model) ? status.chat_model : null;
  const name = current?.name ?? chosen ?? elsewhere ?? (models ? "Quotes only" : "");
  const entries: MenuEntry[] = [
    { kind: "label", label: usable.length ? "Answer with" : elsewhere ? `Answered by ${elsewhere}` : "No language model: answers are quotes" },
    ...usable.map(
      (model): MenuEntry => ({
        kind: "check",
        label: model.title,
        hint: model.loaded ? "loaded" : undefined,
        checked: model.name === current?.name,
        onChange: () => onChoose(model.name),
      }),
    ),
    { kind: "line" },
    { kind: "item", label: "More models", icon: Download, onSelect: () => void navigate({ to: "/models" }) },
  ];
  return (
    <Menu
      side="top"
      entries={entries}
      trigger={
        <button type="button" className={chipClass} aria-label={`Model: ${name}`}>
          <Cpu aria-hidden size={15} className="shrink-0" />
          <span className="truncate">{name}</span>
          <ChevronDown aria-hidden size={14} className="shrink-0" />
        </button>
      }
    />
  );
}

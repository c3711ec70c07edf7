/** The places of the product, in groups. A page is listed here once it exists. */
import { FileText, ListChecks, MessageSquare, Package, Settings, type LucideIcon } from "lucide-react";

export interface Place {
  to: string;
  label: string;
  icon: LucideIcon;
  /** Pressed after g. */
  key: string;
}

export const groups: readonly { name: string; places: readonly Place[] }[] = [
  { name: "Ask", places: [{ to: "/chat", label: "Chat", icon: MessageSquare, key: "c" }] },
  { name: "Know", places: [{ to: "/documents", label: "Documents", icon: FileText, key: "d" }] },
  {
    name: "Run",
    places: [
      { to: "/models", label: "Models", icon: Package, key: "m" },
      { to: "/jobs", label: "Jobs", icon: ListChecks, key: "j" },
      { to: "/settings", label: "Settings", icon: Settings, key: "s" },
    ],
  },
];

export const places = groups.flatMap((group) => group.places);

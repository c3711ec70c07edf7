/** The places of the product, in groups. A page is listed here once it exists. */
import type { LucideIcon } from "lucide-react";
import Database from "lucide-react/icons/database";
import FileText from "lucide-react/icons/file-text";
import GraduationCap from "lucide-react/icons/graduation-cap";
import ListChecks from "lucide-react/icons/list-checks";
import MessageSquare from "lucide-react/icons/message-square";
import Package from "lucide-react/icons/package";
import Settings from "lucide-react/icons/settings";

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
  { name: "Make", places: [{ to: "/data", label: "Data", icon: Database, key: "p" }, { to: "/train", label: "Fine-tune", icon: GraduationCap, key: "f" }] },
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

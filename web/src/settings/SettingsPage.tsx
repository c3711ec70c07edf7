/** Everything a person or an administrator can set, one section at a time. */
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import type { LucideIcon } from "lucide-react";
import KeyRound from "lucide-react/icons/key-round";
import Palette from "lucide-react/icons/palette";
import ShieldCheck from "lucide-react/icons/shield-check";
import SlidersHorizontal from "lucide-react/icons/sliders-horizontal";
import User from "lucide-react/icons/user";
import Users from "lucide-react/icons/users";
import type { ComponentType } from "react";
import { statusQuery } from "@/api/account";
import { ListColumn } from "@/shell/ListColumn";
import { PageHeader } from "@/shell/PageHeader";
import { AccountSection } from "./AccountSection";
import { AppearanceSection } from "./AppearanceSection";
import { KeysSection } from "./KeysSection";
import { PrivacySection } from "./PrivacySection";
import { ServerSection } from "./ServerSection";
import { UsersSection } from "./UsersSection";

interface Section {
  id: string;
  title: string;
  icon: LucideIcon;
  body: ComponentType;
  adminOnly?: boolean;
}

const sections: readonly Section[] = [
  { id: "appearance", title: "Appearance", icon: Palette, body: AppearanceSection },
  { id: "account", title: "Account", icon: User, body: AccountSection },
  { id: "keys", title: "API keys", icon: KeyRound, body: KeysSection },
  { id: "privacy", title: "Privacy", icon: ShieldCheck, body: PrivacySection },
  { id: "users", title: "Users", icon: Users, body: UsersSection, adminOnly: true },
  { id: "server", title: "Server", icon: SlidersHorizontal, body: ServerSection, adminOnly: true },
];

export function SettingsPage() {
  const { section = "appearance" } = useParams({ strict: false });
  const { data: status } = useQuery(statusQuery);
  const isAdmin = status?.user?.role === "admin";
  const shown = sections.filter((one) => isAdmin || !one.adminOnly);
  const current = shown.find((one) => one.id === section) ?? shown[0];
  const Body = current?.body;
  return (
    <>
      <ListColumn label="Settings">
        <nav aria-label="Settings" className="p-3">
          <ul className="space-y-0.5">
            {shown.map((one) => (
              <li key={one.id}>
                <Link
                  to="/settings/$section"
                  params={{ section: one.id }}
                  className="flex h-9 items-center gap-2.5 rounded-lg px-2.5"
                  activeProps={{ className: "bg-accent-soft font-medium text-accent", "aria-current": "page" }}
                  inactiveProps={{ className: "text-muted hover:bg-hover hover:text-fg" }}
                >
                  <one.icon aria-hidden size={16} />
                  {one.title}
                </Link>
              </li>
            ))}
          </ul>
        </nav>
      </ListColumn>
      <div className="flex min-w-0 flex-1 flex-col">
        <PageHeader title={current?.title ?? "Settings"} />
        <div role="region" aria-label={current?.title} tabIndex={0} className="min-h-0 flex-1 overflow-y-auto px-4 py-6 wide:px-8">
          <div className="max-w-2xl">{Body && <Body />}</div>
        </div>
      </div>
    </>
  );
}

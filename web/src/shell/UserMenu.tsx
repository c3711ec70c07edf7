/** Who is signed in, the theme, and the way out. */
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import Keyboard from "lucide-react/icons/keyboard";
import LogOut from "lucide-react/icons/log-out";
import { signOut, statusQuery } from "@/api/account";
import { queryClient } from "@/api/queryClient";
import { Menu, type MenuEntry } from "@/kit/Menu";
import { showToast } from "@/kit/toasts";
import { liveAnswers } from "@/chat/liveAnswers";
import { openOverlay } from "./overlays";
import { setTheme, useTheme, type Theme } from "./theme";

const themes: readonly (readonly [Theme, string])[] = [
  ["system", "As the system"],
  ["light", "Light"],
  ["dark", "Dark"],
];

export function UserMenu() {
  const { data: status } = useQuery(statusQuery);
  const theme = useTheme();
  const leave = useLeave();
  const name = status?.user?.name ?? "";
  const entries: MenuEntry[] = [
    { kind: "label", label: `Signed in as ${name}` },
    { kind: "line" },
    { kind: "label", label: "Appearance" },
    ...themes.map(([choice, label]): MenuEntry => ({ kind: "check", label, checked: theme === choice, keepOpen: true, onChange: () => setTheme(choice) })),
    { kind: "line" },
    { kind: "item", label: "Keyboard", icon: Keyboard, hint: "?", onSelect: () => openOverlay("shortcuts") },
    { kind: "item", label: "Sign out", icon: LogOut, onSelect: () => void leave() },
  ];
  return (
    <Menu
      side="top"
      entries={entries}
      trigger={
        <button type="button" aria-label={`Account of ${name}`} className="flex size-10 items-center justify-center rounded-full border bg-raised font-semibold text-accent hover:bg-hover">
          {name.slice(0, 1).toUpperCase()}
        </button>
      }
    />
  );
}

/** End the session here and on the server, and forget everything that was read. */
function useLeave() {
  const navigate = useNavigate();
  return async () => {
    try {
      await signOut();
    } catch (error) {
      showToast(error instanceof Error ? `Not signed out: ${error.message}` : "Not signed out.", "bad");
      return;
    }
    liveAnswers.forgetAll();
    sessionStorage.clear();
    queryClient.clear();
    await navigate({ to: "/signin" });
  };
}

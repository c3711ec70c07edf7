/** The top bar of a page: its name, its actions, and what runs now. */
import { useQuery } from "@tanstack/react-query";
import { Link, useRouterState } from "@tanstack/react-router";
import LoaderCircle from "lucide-react/icons/loader-circle";
import MenuIcon from "lucide-react/icons/menu";
import Search from "lucide-react/icons/search";
import { useEffect, useRef, type ReactNode } from "react";
import { isRunning, jobsQuery, modelsQuery } from "@/api/work";
import { IconButton } from "@/kit/Button";
import { useWide } from "@/kit/useMedia";
import { openOverlay } from "./overlays";

interface PageHeaderProps {
  title: string;
  /** Stands before the title, such as a way back. */
  before?: ReactNode;
  actions?: ReactNode;
}

export function PageHeader({ title, before, actions }: PageHeaderProps) {
  const wide = useWide();
  const heading = usePageFocus(title);
  return (
    <header className="flex h-14 shrink-0 items-center gap-2 border-b px-3 wide:px-5">
      {!wide && <IconButton label="Menu" icon={MenuIcon} size={20} onClick={() => openOverlay("menu")} />}
      {before}
      <h1 ref={heading} tabIndex={-1} className="min-w-0 flex-1 truncate text-[15px] font-semibold">
        {title}
      </h1>
      {actions}
      <JobsPill />
      {wide && <LoadedModel />}
      <IconButton label="Search and commands (Ctrl K)" icon={Search} onClick={() => openOverlay("palette")} />
    </header>
  );
}

/** Name the window after the page, and start reading at its heading after a change of page. */
function usePageFocus(title: string) {
  const heading = useRef<HTMLHeadingElement>(null);
  const path = useRouterState({ select: (state) => state.location.pathname });
  useEffect(() => {
    document.title = `${title} · Headwater`;
  }, [title]);
  useEffect(() => {
    const focused = document.activeElement;
    // A page that put the focus into its own field, or a dialog, keeps it.
    const free = !focused || focused === document.body || focused.tagName === "A" || !focused.isConnected;
    if (free && !isFirstPath(path)) heading.current?.focus({ preventScroll: true });
  }, [path]);
  return heading;
}

let firstPath: string | null = null;
function isFirstPath(path: string): boolean {
  firstPath ??= path;
  return firstPath === path;
}

function JobsPill() {
  const { data: jobs } = useQuery(jobsQuery);
  const running = jobs?.filter(isRunning).length ?? 0;
  if (!running) return null;
  return (
    <Link to="/jobs" className="flex h-7 items-center gap-2 rounded-full bg-accent-soft px-3 text-[13px] font-medium text-accent hover:text-accent-strong">
      <LoaderCircle aria-hidden size={13} className="animate-spin" />
      {running} running
    </Link>
  );
}

function LoadedModel() {
  const { data: models } = useQuery(modelsQuery);
  const loaded = models?.filter((model) => model.loaded && model.task === "chat") ?? [];
  if (!loaded.length) return null;
  return (
    <Link to="/models" title="The language model in memory now" className="flex h-7 items-center gap-2 rounded-full px-3 text-[13px] text-muted hover:bg-hover hover:text-fg">
      <span aria-hidden className="size-2 rounded-full bg-good" />
      {loaded.map((model) => model.name).join(", ")}
    </Link>
  );
}

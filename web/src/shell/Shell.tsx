/** The frame around every page: rail, skip link, banners, overlays, shortcuts. */
import { Outlet, useRouterState } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useState } from "react";
import { followFeed } from "@/api/feed";
import { Dialog } from "@/kit/Dialog";
import { Toasts } from "@/kit/toasts";
import { useWide } from "@/kit/useMedia";
import { ConnectionBanner } from "./ConnectionBanner";
import { DisclaimerGate } from "./DisclaimerGate";
import { announceJobs } from "./jobNotices";
import { SheetSlot } from "./ListColumn";
import { openOverlay, useOverlay } from "./overlays";
import { NavigationRows, Rail } from "./Rail";
import { UserMenu } from "./UserMenu";
import { useShortcuts } from "./useShortcuts";

const Palette = lazy(() => import("./Palette"));
const ShortcutList = lazy(() => import("./ShortcutList"));

export function Shell() {
  const wide = useWide();
  const overlay = useOverlay();
  const [slot, setSlot] = useState<HTMLElement | null>(null);
  useShortcuts();
  useFeed();
  useCloseOnMove();
  return (
    <SheetSlot value={slot}>
      <a href="#main" className="sr-only focus:not-sr-only focus:absolute focus:top-2 focus:left-2 focus:z-50 focus:rounded-lg focus:bg-raised focus:px-4 focus:py-2">
        Skip to the page
      </a>
      <div className="flex h-dvh overflow-hidden">
        {wide && <Rail />}
        <div className="flex min-w-0 flex-1 flex-col">
          <ConnectionBanner />
          <main id="main" tabIndex={-1} className="flex min-h-0 flex-1 outline-none">
            <Outlet />
          </main>
        </div>
      </div>
      <Dialog open={!wide && overlay === "menu"} onClose={() => openOverlay(null)} title="Menu" side="left" hideTitle>
        <div className="flex h-full flex-col">
          <NavigationRows onGo={() => openOverlay(null)} />
          <div ref={setSlot} className="flex min-h-0 flex-1 flex-col" />
          <div className="border-t p-3">
            <UserMenu />
          </div>
        </div>
      </Dialog>
      <Suspense>
        {overlay === "palette" && <Palette />}
        {overlay === "shortcuts" && <ShortcutList />}
      </Suspense>
      <DisclaimerGate />
      <Toasts />
    </SheetSlot>
  );
}

function useFeed() {
  useEffect(() => {
    const stop = new AbortController();
    void followFeed(stop.signal);
    const quiet = announceJobs();
    return () => {
      stop.abort();
      quiet();
    };
  }, []);
}

/** A change of place closes what lay over the old one. */
function useCloseOnMove() {
  const path = useRouterState({ select: (state) => state.location.pathname });
  useEffect(() => openOverlay(null), [path]);
}

/** Every address of the app, one line each. */
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet, redirect } from "@tanstack/react-router";
import { statusQuery } from "@/api/account";
import { queryClient } from "@/api/queryClient";
import { ChatPage } from "@/chat/ChatPage";
import { readChatSearch } from "@/chat/search";
import type { StudioSearch } from "@/data/StudioPage";
import type { DocumentsSearch } from "@/documents/DocumentsPage";
import type { CompareSearch } from "@/training/ComparePage";
import type { NewRunSearch } from "@/training/NewRunPage";
import type { RunSearch } from "@/training/RunPage";
import type { DocumentSearch } from "@/viewer/DocumentPage";
import { NoPage, PageFailed } from "./shell/Failures";
import { Shell } from "./shell/Shell";

const root = createRootRoute({ component: Outlet, notFoundComponent: NoPage, errorComponent: PageFailed });

const text = (value: unknown) => (value === undefined ? undefined : String(value));
const positive = (value: unknown) => (value !== undefined && Number.isInteger(Number(value)) && Number(value) >= 0 ? Number(value) : undefined);

const setup = createRoute({
  getParentRoute: () => root,
  path: "/setup",
  validateSearch: (search): { token?: string } => ({ token: text(search.token) }),
  beforeLoad: async () => {
    await queryClient.ensureQueryData(statusQuery);
  },
  component: lazyRouteComponent(() => import("./setup/SetupPage"), "SetupPage"),
});

const signin = createRoute({
  getParentRoute: () => root,
  path: "/signin",
  validateSearch: (search): { next?: string } => ({ next: text(search.next) }),
  component: lazyRouteComponent(() => import("./setup/SignInPage"), "SignInPage"),
});

/** Pages for people who are signed in. */
const app = createRoute({
  getParentRoute: () => root,
  id: "app",
  beforeLoad: async ({ location }) => {
    const status = await queryClient.ensureQueryData(statusQuery);
    if (status.needs_setup) throw redirect({ to: "/setup" });
    if (!status.signed_in) throw redirect({ to: "/signin", search: { next: location.href } });
  },
  component: Shell,
});

const index = createRoute({
  getParentRoute: () => app,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/chat" });
  },
});
const chat = createRoute({ getParentRoute: () => app, path: "/chat", component: ChatPage });
const conversation = createRoute({ getParentRoute: () => app, path: "/chat/$conversationId", validateSearch: readChatSearch, component: ChatPage });
const documents = createRoute({
  getParentRoute: () => app,
  path: "/documents",
  validateSearch: (search): DocumentsSearch => ({ collection: text(search.collection), test: text(search.test) }),
  component: lazyRouteComponent(() => import("./documents/DocumentsPage"), "DocumentsPage"),
});
const document_ = createRoute({
  getParentRoute: () => app,
  path: "/documents/$documentId",
  validateSearch: (search): DocumentSearch => ({
    page: positive(search.page),
    start: positive(search.start),
    end: positive(search.end),
    view: search.view === "text" ? "text" : undefined,
    query: text(search.query),
  }),
  component: lazyRouteComponent(() => import("./viewer/DocumentPage"), "DocumentPage"),
});
const data = createRoute({ getParentRoute: () => app, path: "/data", component: lazyRouteComponent(() => import("./data/DataPage"), "DataPage") });
const dataset = createRoute({
  getParentRoute: () => app,
  path: "/data/$datasetId",
  validateSearch: (search): StudioSearch => ({ stage: text(search.stage) }),
  component: lazyRouteComponent(() => import("./data/StudioPage"), "StudioPage"),
});
const train = createRoute({ getParentRoute: () => app, path: "/train", component: lazyRouteComponent(() => import("./training/TrainPage"), "TrainPage") });
const newRun = createRoute({
  getParentRoute: () => app,
  path: "/train/new",
  validateSearch: (search): NewRunSearch => ({ clone: text(search.clone) }),
  component: lazyRouteComponent(() => import("./training/NewRunPage"), "NewRunPage"),
});
const compareRuns = createRoute({
  getParentRoute: () => app,
  path: "/train/compare",
  validateSearch: (search): CompareSearch => ({ runs: text(search.runs) }),
  component: lazyRouteComponent(() => import("./training/ComparePage"), "ComparePage"),
});
const run = createRoute({
  getParentRoute: () => app,
  path: "/train/$runName",
  validateSearch: (search): RunSearch => ({ tab: text(search.tab) }),
  component: lazyRouteComponent(() => import("./training/RunPage"), "RunPage"),
});
const models = createRoute({ getParentRoute: () => app, path: "/models", component: lazyRouteComponent(() => import("./models/ModelsPage"), "ModelsPage") });
const jobs = createRoute({ getParentRoute: () => app, path: "/jobs", component: lazyRouteComponent(() => import("./jobs/JobsPage"), "JobsPage") });
const SettingsPage = lazyRouteComponent(() => import("./settings/SettingsPage"), "SettingsPage");
const settings = createRoute({
  getParentRoute: () => app,
  path: "/settings",
  beforeLoad: () => {
    throw redirect({ to: "/settings/$section", params: { section: "appearance" } });
  },
});
const settingsSection = createRoute({ getParentRoute: () => app, path: "/settings/$section", component: SettingsPage });

const routeTree = root.addChildren([
  setup,
  signin,
  app.addChildren([index, chat, conversation, documents, document_, data, dataset, train, newRun, compareRuns, run, models, jobs, settings, settingsSection]),
]);

export const router = createRouter({ routeTree, defaultPreload: "intent", scrollRestoration: false });

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}

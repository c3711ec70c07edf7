/** Starts the app. */
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { onSignedOut } from "@/api/client";
import { statusQuery } from "@/api/account";
import { queryClient } from "@/api/queryClient";
import { router } from "./routes";
import { followSystemTheme } from "./shell/theme";
import "./styles.css";

onSignedOut(async () => {
  const { pathname, href } = router.state.location;
  if (pathname === "/signin" || pathname === "/setup") return;
  // A wrong old password is refused in the same way as an ended session; only the latter leads to the sign-in page.
  const status = await queryClient.fetchQuery({ ...statusQuery, staleTime: 0 });
  if (!status.signed_in) await router.navigate({ to: "/signin", search: { next: href } });
});
followSystemTheme();

const container = document.getElementById("root");
if (!container) throw new Error("index.html has no element #root");
createRoot(container).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);

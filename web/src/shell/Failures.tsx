/** What is shown instead of a page that does not exist or did not load. */
import { Link, useRouter, type ErrorComponentProps } from "@tanstack/react-router";
import { useEffect } from "react";
import { ApiError } from "@/api/client";
import { Button, buttonClass } from "@/kit/Button";

export function NoPage() {
  return (
    <main className="mx-auto max-w-md px-6 py-24 text-center">
      <h1 className="text-xl font-semibold">There is no such page</h1>
      <p className="mt-2 mb-6 text-muted">The address may be old, or what it showed was deleted.</p>
      <Link to="/chat" className={buttonClass("primary")}>
        To the chat
      </Link>
    </main>
  );
}

/** Milliseconds between tries while the server is away. */
const RETRY_MILLISECONDS = 3000;
const MISSING = "A part of it did not come: Headwater was away, or it has been updated since this page was opened.";

/** How browsers say that a chunk of the app did not come: Chromium, Firefox, Safari. */
const missingChunk = /^(Failed to fetch dynamically imported module|error loading dynamically imported module|Importing a module script failed)/;

export function PageFailed({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  const offline = error instanceof ApiError && error.offline;
  const message = error instanceof Error ? error.message : String(error);
  const missing = missingChunk.test(message);
  const again = () => {
    // Browser and React keep a failed chunk failed; a server that was updated has new ones.
    if (missing) return window.location.reload();
    reset();
    void router.invalidate();
  };
  useEffect(() => {
    if (!offline) return;
    const timer = setInterval(again, RETRY_MILLISECONDS);
    return () => clearInterval(timer);
  });
  return (
    <main className="mx-auto max-w-md px-6 py-24 text-center">
      <h1 className="text-xl font-semibold">{offline ? "Headwater does not answer" : "This page failed"}</h1>
      <p className="mt-2 mb-6 break-words text-muted">{offline ? "Start it again with “headwater serve”; this page then goes on by itself." : missing ? MISSING : message}</p>
      <Button variant="primary" onClick={again}>
        Try again
      </Button>
    </main>
  );
}

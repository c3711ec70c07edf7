/** Says that the server is away, and that nothing typed is lost. */
import CloudOff from "lucide-react/icons/cloud-off";
import { useSyncExternalStore } from "react";
import { connectionState, watchConnection } from "@/api/feed";

export function ConnectionBanner() {
  const connection = useSyncExternalStore(watchConnection, connectionState);
  return (
    <div role="status">
      {connection === "lost" && (
        <p className="flex items-center gap-3 border-b bg-warn-soft px-5 py-2 text-warn">
          <CloudOff aria-hidden size={16} />
          Headwater does not answer. What you typed is kept; this page goes on as soon as the server is back.
        </p>
      )}
    </div>
  );
}

/** API keys: made here, shown once, revoked at once. */
import { useMutation, useQuery } from "@tanstack/react-query";
import KeyRound from "lucide-react/icons/key-round";
import Plus from "lucide-react/icons/plus";
import { useState } from "react";
import { apiKeysQuery, createKey, revokeKey } from "@/api/account";
import { keys, queryClient } from "@/api/queryClient";
import type { KeyOut } from "@/api/types";
import { Button } from "@/kit/Button";
import { CopyButton } from "@/kit/CopyButton";
import { Confirm, Dialog } from "@/kit/Dialog";
import { Empty, ErrorNote, Skeleton } from "@/kit/Feedback";
import { when } from "@/kit/format";
import { NameDialog } from "@/kit/NameDialog";

const refresh = () => queryClient.invalidateQueries({ queryKey: keys.apiKeys });

export function KeysSection() {
  const { data, error, refetch } = useQuery(apiKeysQuery);
  const [naming, setNaming] = useState(false);
  const [revoking, setRevoking] = useState<KeyOut | null>(null);
  const [secret, setSecret] = useState<string | null>(null);
  const create = useMutation({
    mutationFn: createKey,
    onSuccess: (made) => {
      setNaming(false);
      setSecret(made.secret);
      void refresh();
    },
  });
  const revoke = useMutation({
    mutationFn: revokeKey,
    onSuccess: () => {
      setRevoking(null);
      void refresh();
    },
  });
  return (
    <div className="space-y-6">
      <div className="flex flex-wrap items-start justify-between gap-4 sm:flex-nowrap">
        <p className="text-muted">
          Programs use Headwater with a key, in the way of OpenAI's API: base address <code className="rounded bg-hover px-1.5 py-0.5 text-fg">{window.location.origin}/v1</code>. A key sees what you see.
        </p>
        <Button variant="primary" icon={Plus} onClick={() => setNaming(true)}>
          New key
        </Button>
      </div>
      {error && !data && <ErrorNote error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Skeleton />}
      {data?.length === 0 && <Empty icon={KeyRound} title="No keys yet">Make one for each program, so that each can be shut out alone.</Empty>}
      {data && data.length > 0 && (
        <ul className="divide-y rounded-xl border bg-raised">
          {data.map((key) => (
            <li key={key.id} className="flex items-center gap-4 px-4 py-3">
              <div className="min-w-0 flex-1">
                <p className="truncate font-medium">{key.name}</p>
                <p className="text-[13px] text-muted">
                  hw_{key.prefix.replace(/^hw_/, "")}… · made {when(key.created)} · {key.last_used ? `last used ${when(key.last_used)}` : "never used"}
                </p>
              </div>
              <Button small onClick={() => setRevoking(key)}>
                Revoke
              </Button>
            </li>
          ))}
        </ul>
      )}
      {naming && <NameDialog title="New API key" label="What is it for?" hint="Such as the name of the program." action="Make the key" busy={create.isPending} error={create.error} onName={(name) => create.mutate(name)} onClose={() => setNaming(false)} />}
      {secret && <ShowSecret secret={secret} onClose={() => setSecret(null)} />}
      {revoking && (
        <Confirm
          open
          title={`Revoke “${revoking.name}”?`}
          description="Programs that use it are shut out at once."
          action="Revoke"
          busy={revoke.isPending}
          error={revoke.isError && <ErrorNote error={revoke.error} className="mb-4" />}
          onConfirm={() => revoke.mutate(revoking.id)}
          onClose={() => setRevoking(null)}
        />
      )}
    </div>
  );
}

function ShowSecret({ secret, onClose }: { secret: string; onClose: () => void }) {
  return (
    <Dialog open onClose={onClose} title="Your new key" description="Copy it now: it is kept only as a hash and cannot be shown again.">
      <div className="flex items-center gap-2 rounded-lg border border-line-strong bg-panel py-2 pr-2 pl-3">
        <code className="min-w-0 flex-1 break-all" data-testid="secret">
          {secret}
        </code>
        <CopyButton text={secret} label="Copy the key" />
      </div>
      <div className="mt-6 flex justify-end">
        <Button variant="primary" onClick={onClose}>
          I have kept it
        </Button>
      </div>
    </Dialog>
  );
}

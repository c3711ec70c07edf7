/** Step 1: the owner's account, with the one-time token of the set-up link, and the disclaimer. */
import { useMutation } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { acceptDisclaimer, setUp } from "@/api/account";
import { keys, queryClient } from "@/api/queryClient";
import { Prose } from "@/chat/Prose";
import { Button } from "@/kit/Button";
import { ErrorNote } from "@/kit/Feedback";
import { Check, TextField } from "@/kit/Field";
import { MIN_PASSWORD, passwordProblem } from "./password";

export function AccountStep({ disclaimer }: { disclaimer: string }) {
  const { token: given = "" } = useSearch({ strict: false }) as { token?: string };
  const [token, setToken] = useState(given);
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [again, setAgain] = useState("");
  const [accepted, setAccepted] = useState(false);
  const create = useMutation({
    mutationFn: async () => {
      await setUp({ token: token.trim(), name: name.trim(), password });
      await acceptDisclaimer();
      await queryClient.invalidateQueries({ queryKey: keys.status });
    },
  });
  const problem = passwordProblem(password, again);
  return (
    <form
      className="space-y-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (!problem && accepted) create.mutate();
      }}
    >
      {!given && (
        <TextField label="Set-up token" hint="“headwater serve” printed it in its set-up link when it started." autoComplete="off" value={token} onChange={(event) => setToken(event.target.value)} />
      )}
      <TextField label="Name" autoComplete="username" autoFocus maxLength={200} value={name} onChange={(event) => setName(event.target.value)} />
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField label="Password" type="password" autoComplete="new-password" hint={`At least ${MIN_PASSWORD} characters.`} value={password} onChange={(event) => setPassword(event.target.value)} />
        <TextField label="Password again" type="password" autoComplete="new-password" error={again ? problem : null} value={again} onChange={(event) => setAgain(event.target.value)} />
      </div>
      <div className="rounded-lg bg-panel p-4">
        <div className="max-h-44 overflow-y-auto" tabIndex={0} role="region" aria-label="Disclaimer">
          <Prose text={disclaimer} className="text-[13px] text-muted" />
        </div>
        <Check className="mt-3" label="I understand and accept this" checked={accepted} onChange={(event) => setAccepted(event.target.checked)} />
      </div>
      {create.isError && <ErrorNote error={create.error} />}
      <Button type="submit" variant="primary" disabled={!token.trim() || !name.trim() || Boolean(problem) || !accepted || create.isPending}>
        Create the account
      </Button>
    </form>
  );
}

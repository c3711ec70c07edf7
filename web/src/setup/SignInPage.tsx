/** Sign in. */
import { useMutation } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { signIn, statusQuery } from "@/api/account";
import { queryClient } from "@/api/queryClient";
import { Button } from "@/kit/Button";
import { ErrorNote } from "@/kit/Feedback";
import { TextField } from "@/kit/Field";
import { Frame } from "./Frame";

export function SignInPage() {
  const { next } = useSearch({ strict: false }) as { next?: string };
  const navigate = useNavigate();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const enter = useMutation({
    mutationFn: () => signIn({ name: name.trim(), password }),
    onSuccess: async () => {
      queryClient.clear();
      await queryClient.fetchQuery(statusQuery);
      // Only a path of this site: an address of another one must not be opened by signing in here.
      await navigate({ to: next?.startsWith("/") && !next.startsWith("//") ? next : "/chat", replace: true });
    },
  });
  useEffect(() => {
    document.title = "Sign in · Headwater";
  }, []);
  return (
    <Frame title="Sign in" subtitle="Your documents, answered on this machine.">
      <form
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          enter.mutate();
        }}
      >
        <TextField label="Name" autoComplete="username" autoFocus value={name} onChange={(event) => setName(event.target.value)} />
        <TextField label="Password" type="password" autoComplete="current-password" value={password} onChange={(event) => setPassword(event.target.value)} />
        {enter.isError && <ErrorNote error={enter.error} />}
        <Button type="submit" variant="primary" className="w-full" disabled={!name.trim() || !password || enter.isPending}>
          Sign in
        </Button>
      </form>
    </Frame>
  );
}

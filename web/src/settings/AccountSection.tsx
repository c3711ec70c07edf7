/** Who is signed in, and the password. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { changePassword, statusQuery } from "@/api/account";
import { Button } from "@/kit/Button";
import { ErrorNote } from "@/kit/Feedback";
import { TextField } from "@/kit/Field";
import { MIN_PASSWORD, passwordProblem } from "@/setup/password";

export function AccountSection() {
  const { data: status } = useQuery(statusQuery);
  const [old, setOld] = useState("");
  const [next, setNext] = useState("");
  const [again, setAgain] = useState("");
  const change = useMutation({
    mutationFn: () => changePassword({ old, new: next }),
    onSuccess: () => {
      setOld("");
      setNext("");
      setAgain("");
    },
  });
  const problem = passwordProblem(next, again);
  return (
    <div className="space-y-8">
      <dl className="grid grid-cols-[120px_1fr] gap-y-2">
        <dt className="text-muted">Name</dt>
        <dd>{status?.user?.name}</dd>
        <dt className="text-muted">Role</dt>
        <dd>{status?.user?.role === "admin" ? "Administrator" : "User"}</dd>
      </dl>
      <form
        className="max-w-sm space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (!problem) change.mutate();
        }}
      >
        <h2 className="font-semibold">Change the password</h2>
        <input type="text" autoComplete="username" value={status?.user?.name ?? ""} readOnly hidden />
        <TextField label="Old password" type="password" autoComplete="current-password" value={old} onChange={(event) => setOld(event.target.value)} />
        <TextField label="New password" type="password" autoComplete="new-password" hint={`At least ${MIN_PASSWORD} characters.`} value={next} onChange={(event) => setNext(event.target.value)} />
        <TextField label="New password again" type="password" autoComplete="new-password" error={again ? problem : null} value={again} onChange={(event) => setAgain(event.target.value)} />
        {change.isError && <ErrorNote error={change.error} />}
        <div role="status">{change.isSuccess && <p className="text-good">The password is changed. Other sign-ins of yours have ended.</p>}</div>
        <Button type="submit" variant="primary" disabled={!old || Boolean(problem) || change.isPending}>
          Change the password
        </Button>
      </form>
    </div>
  );
}

/** Who may sign in. */
import { useMutation, useQuery } from "@tanstack/react-query";
import Ellipsis from "lucide-react/icons/ellipsis";
import UserPlus from "lucide-react/icons/user-plus";
import { useState } from "react";
import { changeUser, createUser, deleteUser, statusQuery, usersQuery } from "@/api/account";
import { keys, queryClient } from "@/api/queryClient";
import type { UserOut } from "@/api/types";
import { Button, IconButton } from "@/kit/Button";
import { Confirm, Dialog } from "@/kit/Dialog";
import { Badge, ErrorNote, Skeleton } from "@/kit/Feedback";
import { SelectField, TextField } from "@/kit/Field";
import { when } from "@/kit/format";
import { Menu, type MenuEntry } from "@/kit/Menu";
import { showToast } from "@/kit/toasts";
import { MIN_PASSWORD } from "@/setup/password";

const refresh = () => queryClient.invalidateQueries({ queryKey: keys.users });

export function UsersSection() {
  const { data, error, refetch } = useQuery(usersQuery);
  const { data: status } = useQuery(statusQuery);
  const [adding, setAdding] = useState(false);
  const [erasing, setErasing] = useState<UserOut | null>(null);
  return (
    <div className="space-y-6">
      <div className="flex flex-wrap items-start justify-between gap-4 sm:flex-nowrap">
        <p className="text-muted">Each person sees their own documents and conversations only; administrators do not see those of others either.</p>
        <Button variant="primary" icon={UserPlus} onClick={() => setAdding(true)}>
          New user
        </Button>
      </div>
      {error && !data && <ErrorNote error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Skeleton />}
      {data && (
        <ul className="divide-y rounded-xl border bg-raised">
          {data.map((user) => (
            <li key={user.id} className="flex items-center gap-3 px-4 py-3">
              <div className="min-w-0 flex-1">
                <p className="truncate font-medium">
                  {user.name}
                  {user.id === status?.user?.id && <span className="ml-2 font-normal text-muted">you</span>}
                </p>
                <p className="text-[13px] text-muted">since {when(user.created)}</p>
              </div>
              {user.disabled && <Badge tone="warn">Shut out</Badge>}
              <Badge tone={user.role === "admin" ? "accent" : "neutral"}>{user.role === "admin" ? "Administrator" : "User"}</Badge>
              <UserMenu user={user} self={user.id === status?.user?.id} onErase={() => setErasing(user)} />
            </li>
          ))}
        </ul>
      )}
      {adding && <AddUser onClose={() => setAdding(false)} />}
      {erasing && <EraseUser user={erasing} onClose={() => setErasing(null)} />}
    </div>
  );
}

function UserMenu({ user, self, onErase }: { user: UserOut; self: boolean; onErase: () => void }) {
  const change = useMutation({
    mutationFn: (body: Parameters<typeof changeUser>[1]) => changeUser(user.id, body),
    onSuccess: refresh,
    onError: (error) => showToast(error.message, "bad"),
  });
  const entries: MenuEntry[] = [
    {
      kind: "item",
      label: user.role === "admin" ? "Make an ordinary user" : "Make an administrator",
      onSelect: () => change.mutate({ role: user.role === "admin" ? "user" : "admin" }),
    },
    { kind: "item", label: user.disabled ? "Let in again" : "Shut out", onSelect: () => change.mutate({ disabled: !user.disabled }) },
    { kind: "line" },
    { kind: "item", label: "Delete", danger: true, onSelect: onErase },
  ];
  return <Menu align="end" entries={entries} trigger={<IconButton label={`Actions for ${user.name}`} icon={Ellipsis} disabled={self} />} />;
}

function AddUser({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [role, setRole] = useState<UserOut["role"]>("user");
  const create = useMutation({
    mutationFn: () => createUser({ name: name.trim(), password, role }),
    onSuccess: () => {
      void refresh();
      onClose();
    },
  });
  return (
    <Dialog open onClose={onClose} title="New user">
      <form
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate();
        }}
      >
        <TextField label="Name" autoComplete="off" value={name} maxLength={200} data-autofocus onChange={(event) => setName(event.target.value)} />
        <TextField label="First password" type="password" autoComplete="new-password" hint={`At least ${MIN_PASSWORD} characters; they can change it.`} value={password} onChange={(event) => setPassword(event.target.value)} />
        <SelectField
          label="Role"
          value={role}
          onChange={(event) => setRole(event.target.value as UserOut["role"])}
          options={[
            { value: "user", label: "User: own documents and conversations" },
            { value: "admin", label: "Administrator: also users, models, settings" },
          ]}
        />
        {create.isError && <ErrorNote error={create.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" disabled={!name.trim() || password.length < MIN_PASSWORD || create.isPending}>
            Create
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function EraseUser({ user, onClose }: { user: UserOut; onClose: () => void }) {
  const erase = useMutation({
    mutationFn: () => deleteUser(user.id),
    onSuccess: () => {
      void refresh();
      onClose();
    },
  });
  return (
    <Confirm
      open
      title={`Delete ${user.name}?`}
      description="Their documents, conversations and keys will be gone for good."
      action="Delete"
      busy={erase.isPending}
      error={erase.isError && <ErrorNote error={erase.error} className="mb-4" />}
      onConfirm={() => erase.mutate()}
      onClose={onClose}
    />
  );
}

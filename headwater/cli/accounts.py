"""headwater users, headwater keys: who may sign in, and what programs may call."""

from __future__ import annotations

from typing import Annotated

import typer

from headwater.cli.options import AsJson, DataDir, workspace
from headwater.cli.output import note, print_json, say, table

users = typer.Typer(help="People who may sign in.", no_args_is_help=True)
keys = typer.Typer(help="API keys.", no_args_is_help=True)

UserName = Annotated[str, typer.Argument(help="Name of the user.", show_default=False)]
KeyOwner = Annotated[str | None, typer.Option("--user", help="User the key acts as; the local owner when not given.")]


def ask_password() -> str:
    """Read a new password twice from the terminal, or once from a pipe."""
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))


@users.command("list")
def list_users(as_json: AsJson = False, data_dir: DataDir = None) -> None:
    """List users and their roles."""
    with workspace(data_dir) as ws:
        found = ws.users.list(ws.owner)
        if as_json:
            print_json(found)
        else:
            table(["name", "role", "disabled"], [(u.name, u.role, "yes" if u.disabled else "") for u in found])


@users.command("create")
def create_user(
    name: UserName,
    admin: Annotated[bool, typer.Option("--admin", help="May manage users, models and settings.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Create a user; the password is asked for, never given on the command line."""
    from headwater.core.types import Role

    with workspace(data_dir) as ws:
        ws.users.create(ws.owner, name, ask_password(), Role.ADMIN if admin else Role.USER)
        say(f"Created {name}.")


@users.command("password")
def set_password(name: UserName, data_dir: DataDir = None) -> None:
    """Set a new password and end all of that user's sign-ins."""
    with workspace(data_dir) as ws:
        user = ws.users.by_name(ws.owner, name)
        ws.users.set_password(ws.owner, user.id, ask_password())
        say(f"Password of {name} changed; every sign-in of theirs has ended.")


@users.command("remove")
def remove_user(name: UserName, data_dir: DataDir = None) -> None:
    """Delete a user with all their documents and conversations."""
    with workspace(data_dir) as ws:
        user = ws.users.by_name(ws.owner, name)
        typer.confirm(f"Delete {name} with all documents and conversations?", abort=True)
        ws.users.delete(ws.owner, user.id)
        ws.datasets.sweep()
        say(f"Deleted {name}.")


@keys.command("list")
def list_keys(user: KeyOwner = None, as_json: AsJson = False, data_dir: DataDir = None) -> None:
    """List API keys; secrets are never shown again."""
    with workspace(data_dir) as ws:
        found = ws.keys.list(ws.scope_of(user))
        if as_json:
            print_json(found)
        else:
            table(["id", "name", "starts with"], [(k.id, k.name, f"hw_{k.prefix}…") for k in found])


@keys.command("create")
def create_key(
    name: Annotated[str, typer.Argument(help="What the key is for.")] = "command line",
    user: KeyOwner = None,
    data_dir: DataDir = None,
) -> None:
    """Create an API key and print its secret, once."""
    with workspace(data_dir) as ws:
        _, secret = ws.keys.create(ws.scope_of(user), name)
        say(secret)
        note("This is shown once. Send it as 'Authorization: Bearer <key>'.")


@keys.command("revoke")
def revoke_key(
    key_id: Annotated[str, typer.Argument(help="Id from `headwater keys list`.")],
    user: KeyOwner = None,
    data_dir: DataDir = None,
) -> None:
    """Revoke a key at once."""
    with workspace(data_dir) as ws:
        ws.keys.revoke(ws.scope_of(user), key_id)
        say("Revoked.")

"""Users: for admins who signed in with their password."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Request
from pydantic import Field

from headwater.core.errors import BadInput
from headwater.core.types import Role
from headwater.server.identity import AdminInPerson
from headwater.server.parts import parts_of
from headwater.server.shapes import Done, In, UserOut

router = APIRouter(prefix="/api/users", tags=["users"])
RoleName = Literal["admin", "user"]


class NewUser(In):
    """A user to make."""

    name: Annotated[str, Field(max_length=200)]
    password: Annotated[str, Field(max_length=2000)]
    role: RoleName = "user"


class UserChange(In):
    """What to change; what is left out stays."""

    password: Annotated[str | None, Field(max_length=2000)] = None
    role: RoleName | None = None
    disabled: bool | None = None


@router.get("", operation_id="listUsers")
def list_users(request: Request, scope: AdminInPerson) -> list[UserOut]:
    """All users."""
    return [UserOut.model_validate(user) for user in parts_of(request).users.list(scope)]


@router.post("", status_code=201, operation_id="createUser")
def create_user(request: Request, body: NewUser, scope: AdminInPerson) -> UserOut:
    """Make a user."""
    return UserOut.model_validate(parts_of(request).users.create(scope, body.name, body.password, Role(body.role)))


@router.patch("/{user_id}", operation_id="changeUser")
def change_user(request: Request, user_id: str, body: UserChange, scope: AdminInPerson) -> UserOut:
    """Set a role or a password, disable or enable. A new password and disabling end all sessions at once."""
    users = parts_of(request).users
    users.get(scope, user_id)
    if body == UserChange():
        raise BadInput("Nothing to change was given", "Send password, role or disabled.")
    if body.password is not None:
        users.set_password(scope, user_id, body.password)
    if body.role is not None:
        users.set_role(scope, user_id, Role(body.role))
    if body.disabled is not None:
        (users.disable if body.disabled else users.enable)(scope, user_id)
    return UserOut.model_validate(users.get(scope, user_id))


@router.delete("/{user_id}", operation_id="deleteUser")
def delete_user(request: Request, user_id: str, scope: AdminInPerson) -> Done:
    """Delete a user with all documents and conversations."""
    parts = parts_of(request)
    parts.users.delete(scope, user_id)
    parts.datasets.sweep()
    return Done()

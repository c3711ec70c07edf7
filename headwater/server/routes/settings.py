"""The settings of the workspace with where each comes from; for admins to read."""

from __future__ import annotations

from typing import Any, Literal
from urllib.parse import urlsplit, urlunsplit

from fastapi import APIRouter, Request
from pydantic_core import PydanticUndefined
from sqlalchemy import make_url

from headwater.core.settings import Settings
from headwater.server.identity import Admin
from headwater.server.parts import parts_of
from headwater.server.shapes import Out

router = APIRouter(tags=["settings"])
SettingValue = str | int | float | bool | None


class SettingOut(Out):
    """One setting."""

    name: str
    value: SettingValue
    default: SettingValue
    source: Literal["default", "file", "environment", "flag"]
    description: str
    restart: bool


@router.get("/api/settings", operation_id="listSettings")
def list_settings(request: Request, _scope: Admin) -> list[SettingOut]:
    """Every setting. They are read at start: changing one needs a restart."""
    settings = parts_of(request).settings
    return [
        SettingOut(
            name=name,
            value=shown(name, getattr(settings, name)),
            default=shown(name, _default(name)),
            source=settings.sources.get(name, "default"),
            description=field.description or "",
            restart=True,
        )
        for name, field in Settings.model_fields.items()
    ]


def _default(name: str) -> Any:
    value = Settings.model_fields[name].get_default(call_default_factory=True, validated_data={})
    return None if value is PydanticUndefined else value


def without_password(url: str) -> str:
    """A URL without what may be secret in it."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def shown(name: str, value: Any) -> SettingValue:
    """A value as it may be shown: paths as text, and neither password nor key."""
    if name == "database_url" and value is not None:
        return make_url(value).render_as_string(hide_password=True)
    if name == "endpoints":
        return ", ".join(f"{each.name}: {without_password(each.url)}" for each in value)
    return value if isinstance(value, str | int | float | bool | None) else str(value)

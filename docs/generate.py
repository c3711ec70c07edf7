"""Write docs/reference/*.md from the code, so that they cannot rot. `make docs` and a test run it.

Usage: python docs/generate.py [--check | --memory]     with --check nothing is written; exit 1 if a page is stale;
--memory writes docs/reference/memory.md alone, which needs the extra 'train' and some minutes
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import click
import typer

REFERENCE = Path(__file__).parent / "reference"


def commands() -> str:
    """One section for each command with its arguments and options."""
    from headwater.cli.main import app

    lines = ["# Commands", "", "Exit codes: 0 done, 1 failed (one line says why and what to do), 2 wrong usage.", ""]

    def walk(command: click.Command, path: str) -> None:
        if subcommands := getattr(command, "commands", None):
            for name, below in subcommands.items():
                walk(below, f"{path} {name}")
            return
        visible = [p for p in command.params if p.name != "help" and not getattr(p, "hidden", False)]
        arguments = [p.metavar or (p.name or "").upper() for p in visible if p.param_type_name == "argument"]
        lines.extend([f"## {path}", "", (command.help or "").strip(), "", f"`{' '.join([path, *arguments])}`", ""])
        options = [p for p in visible if p.param_type_name == "option"]
        if options:
            lines.extend(["| option | meaning |", "|---|---|"])
            lines.extend(f"| `{', '.join(p.opts)}` | {getattr(p, 'help', '') or ''} |" for p in options)
            lines.append("")

    walk(typer.main.get_command(app), "headwater")
    return "\n".join(lines)


def settings() -> str:
    """The table of settings."""
    from headwater.core.settings import PREFIX, Settings

    lines = [
        "# Settings",
        "",
        "Strongest first: a command's flag, the environment, `settings.toml` in the data directory, the default.",
        "",
        "| setting | environment | default | meaning |",
        "|---|---|---|---|",
    ]
    for name, field in Settings.model_fields.items():
        measured = {"data_dir": "`~/.local/share/headwater`", "threads": "usable cores"}
        default = measured.get(name, f"`{field.default}`")
        lines.append(f"| `{name}` | `{PREFIX}{name.upper()}` | {default} | {field.description} |")
    return "\n".join([*lines, ""])


def errors() -> str:
    """Every error, its code and status."""
    from headwater.core.errors import HeadwaterError

    form = '`{"error": {"type", "message", "code", "hint"}}`'
    lines = ["# Errors", "", f"{form} over HTTP; one line and a hint in the terminal."]
    lines += ["", "| error | code | HTTP status | means |", "|---|---|---|---|"]

    def walk(error: type[HeadwaterError]) -> None:
        if error.__module__.startswith("headwater.core"):
            meaning = (error.__doc__ or "").splitlines()[0]
            lines.append(f"| {error.__name__} | `{error.code}` | {error.status} | {meaning} |")
        for below in error.__subclasses__():
            walk(below)

    walk(HeadwaterError)
    return "\n".join([*lines, ""])


def api() -> str:
    """Every route with its summary."""
    from headwater.server.openapi import openapi_text

    lines = ["# HTTP API", "", "Described in full by `/api/openapi.json` of a running server.", ""]
    lines += ["| route | what it does |", "|---|---|"]
    for path, methods in json.loads(openapi_text())["paths"].items():
        for method, operation in methods.items():
            lines.append(f"| `{method.upper()} {path}` | {operation.get('summary', '')} |")
    return "\n".join([*lines, ""])


def models() -> str:
    """Known models and the licence of every dependency."""
    from headwater.models.starter import builtin_manifests

    lines = ["# Models and licences", "", "## Models", "", "| model | task | licence | MB |", "|---|---|---|---|"]
    for model in builtin_manifests().values():
        terms = f"[{model.licence}]({model.licence_url})"
        lines.append(f"| `{model.name}`: {model.title} | {model.task} | {terms} | {model.size_bytes / 1e6:.0f} |")
    lines += ["", "## Python packages of the core", "", "| package | licence |", "|---|---|"]
    project = tomllib.loads((REFERENCE.parents[1] / "pyproject.toml").read_text("utf-8"))["project"]
    for requirement in project["dependencies"]:
        name = re.split(r"[<>=\[; ]", requirement)[0]
        lines.append(f"| {name} | {licence(name)} |")
    return "\n".join([*lines, ""])


def licence(package: str) -> str:
    """Licence of an installed package as its metadata states it."""
    about = metadata.metadata(package)
    stated = about.get("License-Expression") or about.get("License") or ""
    if stated and len(stated) < 60 and "\n" not in stated:
        return stated
    kinds = [c.rpartition(" :: ")[2] for c in about.get_all("Classifier") or [] if c.startswith("License ::")]
    return ", ".join(kinds) or "see its page"


def step_pages() -> dict[str, str]:
    """A page for each step of data preparation, and one of the formats."""
    from headwater.dataprep.pages import pages

    return {name.removesuffix(".md"): text for name, text in pages().items()}


PAGES = {"commands": commands, "settings": settings, "errors": errors, "api": api, "models": models}


def memory_page() -> str:
    """The memory of the paper's models, planned. Made by `--memory` only: it traces twelve models."""
    from headwater.training.planning.pages import memory_page as page

    return page()


def main(check: bool) -> int:
    """Write or check every page. Returns the exit code."""
    stale = []
    (REFERENCE / "steps").mkdir(parents=True, exist_ok=True)
    for name, made in {**{name: make() for name, make in PAGES.items()}, **step_pages()}.items():
        path, text = REFERENCE / f"{name}.md", made.rstrip() + "\n"
        if check and (not path.exists() or path.read_text("utf-8") != text):
            stale.append(name)
        elif not check:
            path.write_text(text, "utf-8")
    if stale:
        sys.stderr.write(f"Stale: {', '.join(stale)}. Run: python docs/generate.py\n")
    return 1 if stale else 0


if __name__ == "__main__":
    if "--memory" in sys.argv:
        (REFERENCE / "memory.md").write_text(memory_page().rstrip() + "\n", "utf-8")
        sys.exit(0)
    sys.exit(main("--check" in sys.argv))

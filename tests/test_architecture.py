"""The picture in docs/architecture.md, kept: arrows, sizes, names, light imports."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "headwater"

# What each part may import. Capabilities never import each other; `workspace` alone knows all of them.
ARROWS: dict[str, set[str]] = {
    "core": set(),
    "storage": {"core"},
    "models": {"core", "storage", "weights"},
    "engines": {"core"},
    "documents": {"core", "storage"},
    "chat": {"core", "storage"},
    "jobs": {"core", "storage"},
    "records": {"core"},
    "dataprep": {"core", "storage", "records"},
    "studio": {"core", "storage", "records", "dataprep"},
    "weights": {"core"},
    "training": {"core", "storage", "records", "weights"},
    "model_bases": {"core", "models", "training"},
    "model_tokenizers": {"core", "models"},
    "studio_opening": {"core", "storage", "models", "documents", "dataprep", "studio", "model_tokenizers"},
    "model_specs": {"core", "models", "engines"},
    "workspace": {
        "core",
        "storage",
        "models",
        "engines",
        "documents",
        "chat",
        "jobs",
        "dataprep",
        "studio",
        "training",
        "model_bases",
        "model_specs",
        "studio_opening",
    },
    "server": {"core", "storage", "models", "engines", "documents", "chat", "jobs", "studio", "training", "workspace"},
    "cli": {
        "core",
        "storage",
        "records",
        "dataprep",
        "models",
        "engines",
        "documents",
        "chat",
        "jobs",
        "training",
        "workspace",
        "server",
        "model_tokenizers",
    },
    "client": set(),
}
EMPTY_NAMES = {"util", "utils", "helper", "helpers", "common", "misc", "manager", "service", "base2", "stuff"}
MAX_FILE_LINES, MAX_FUNCTION_LINES, MAX_PARAMETERS, MAX_DEPTH = 400, 60, 6, 2
EXCUSED: dict[str, str] = {}


def sources() -> list[Path]:
    return [path for path in PACKAGE.rglob("*.py") if "migrations" not in path.parts]


def part(module: str) -> str:
    pieces = module.split(".")
    return pieces[1] if len(pieces) > 1 else ""


def imported(tree: ast.AST) -> list[str]:
    """Every module of ours that a file imports, inside functions too."""
    found: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            if node.module == "headwater":
                found += [f"headwater.{alias.name}" for alias in node.names if not alias.name.startswith("_")]
            else:
                found.append(node.module or "")
    return [name for name in found if name.startswith("headwater.")]


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_down(path: Path) -> None:
    me = path.relative_to(PACKAGE).with_suffix("").parts[0]
    for target in imported(ast.parse(path.read_text("utf-8"))):
        other = part(target)
        if other == me or me == "__init__":
            continue
        assert other in ARROWS[me], f"{path.name}: {me} may not import {other}"


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_pieces_are_small(path: Path) -> None:
    text = path.read_text("utf-8")
    name = str(path.relative_to(PACKAGE))
    if name not in EXCUSED:
        assert text.count("\n") <= MAX_FILE_LINES, f"{name}: split it by noun"
    assert len(path.relative_to(PACKAGE).parts) - 1 <= MAX_DEPTH, f"{name}: folders are two levels deep at most"
    assert path.stem not in EMPTY_NAMES, f"{name}: a name that names nothing"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            assert lines <= MAX_FUNCTION_LINES, f"{name}: {node.name} has {lines} lines"
            given = node.args
            count = len(given.posonlyargs + given.args + given.kwonlyargs)
            count -= bool(given.args) and given.args[0].arg in ("self", "cls")
            if not name.startswith(("cli/", "server/")):  # there a parameter is a flag or a form field
                assert count <= MAX_PARAMETERS, f"{name}: {node.name} has {count} parameters"


@pytest.mark.parametrize(
    "folder", [path for path in PACKAGE.iterdir() if (path / "__init__.py").exists()], ids=lambda p: p.name
)
def test_every_folder_says_what_it_is_for(folder: Path) -> None:
    assert ast.get_docstring(ast.parse((folder / "__init__.py").read_text("utf-8")))


def modules() -> list[str]:
    names = []
    for path in sources():
        pieces = path.relative_to(ROOT).with_suffix("").parts
        names.append(".".join(pieces).removesuffix(".__init__"))
    return sorted(name for name in names if not name.endswith("__main__"))


def test_importing_changes_nothing() -> None:
    script = """
import importlib, json, logging, os, socket, sys, threading
os.environ.pop("_RJEM_MALLOC_CONF", None)  # polars tunes its own allocator by it
import transformers  # it and torch write into the environment themselves; what we do is looked at after
import transformers.trainer
before = dict(os.environ); handlers = list(logging.getLogger().handlers)
def refuse(*a, **k): raise AssertionError("a socket was opened while importing")
socket.socket.connect = refuse; socket.socket.bind = refuse
for name in json.loads(sys.argv[1]): importlib.import_module(name)
os.environ.pop("_RJEM_MALLOC_CONF", None)
assert dict(os.environ) == before, set(os.environ.items()) ^ set(before.items())
assert logging.getLogger().handlers == handlers
assert threading.active_count() == 1, threading.enumerate()
"""
    done = subprocess.run(
        [sys.executable, "-c", script, json.dumps(modules())], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("argument", ["import headwater", "import headwater.cli.main"])
def test_start_is_light(argument: str) -> None:
    heavy = [
        "torch",
        "transformers",
        "onnxruntime",
        "onnx",
        "faiss",
        "kreuzberg",
        "xllamacpp",
        "fastapi",
        "sqlalchemy",
        "numpy",
    ]
    script = f"{argument}\nimport sys\nprint([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

"""headwater doctor: what is installed, what works, and a proof that nothing leaves the machine."""

from __future__ import annotations

import platform
import sys
from importlib import metadata
from pathlib import Path
from typing import Annotated

import typer

from headwater import __version__
from headwater.cli.options import AsJson, DataDir, workspace
from headwater.cli.output import print_json, say
from headwater.core.errors import HeadwaterError

PARTS = ("kreuzberg", "onnxruntime", "xllamacpp", "faiss-cpu", "sqlalchemy", "fastapi", "pypdfium2")
EXTRAS = {"ocr": "rapidocr", "hub": "huggingface-hub"}


def doctor(
    offline: Annotated[
        bool, typer.Option("--offline", help="Ask a question with the network cut, and prove it.")
    ] = False,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Report versions, extras and models. With --offline, prove that no byte leaves the machine."""
    from headwater.cli.offline import prove_offline

    report: dict[str, object] = {
        "headwater": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "parts": {name: installed(name) for name in PARTS},
        "extras": {extra: installed(package) for extra, package in EXTRAS.items()},
    }
    with workspace(data_dir) as ws:
        report["data_dir"] = str(ws.settings.data_dir)
        report["threads"] = ws.settings.threads
        report["models"] = {m.name: ws.models.is_installed(m.name) for m in ws.models.known()}
    if offline:
        report["offline"] = prove_offline(Path(str(report["data_dir"])))
    if as_json:
        print_json(report)
    else:
        show(report)
    proof = report.get("offline")
    if isinstance(proof, dict) and not proof["proven"]:
        raise HeadwaterError(f"Not proven: {proof['reason']}", "Run it where user namespaces are allowed, or as root.")


def installed(package: str) -> str | None:
    """Version of an installed package, None when it is not there."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def show(report: dict[str, object]) -> None:
    """Print the report as lines."""
    for name, value in report.items():
        if isinstance(value, dict):
            say(f"{name}:")
            for key, item in value.items():
                say(f"  {key}: {item if item is not None else 'not installed'}")
        else:
            say(f"{name}: {value}")
    if not sys.stdout.isatty():
        sys.stdout.flush()

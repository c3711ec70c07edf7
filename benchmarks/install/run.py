"""How large a core install is: a fresh venv, `pip install .` without extras, without models.

Bar: 850 MB (Open WebUI 2,917 MB, h2oGPT 8,657 MB). Needs a package index.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def megabytes(folder: Path) -> float:
    """Disk space of a folder by blocks, as `du -sm` counts it."""
    return sum(path.lstat().st_blocks * 512 for path in folder.rglob("*")) / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--extras", default="", help="for example: ocr")
    extras = parser.parse_args().extras
    with tempfile.TemporaryDirectory() as scratch:
        venv = Path(scratch) / "venv"
        subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
        empty = megabytes(venv)
        began = time.perf_counter()
        target = f"{ROOT}[{extras}]" if extras else str(ROOT)
        subprocess.run([str(venv / "bin/pip"), "install", "--quiet", "--editable", target], check=True)
        seconds = time.perf_counter() - began
        packages = next((venv / "lib").glob("python*/site-packages"))
        sizes = ((megabytes(path), path.name) for path in packages.iterdir() if path.is_dir())
        largest = sorted(sizes, reverse=True)[:12]
        print(
            json.dumps(
                {
                    "venv_megabytes": round(megabytes(venv)),
                    "empty_venv_megabytes": round(empty),
                    "install_seconds": round(seconds, 1),
                    "largest": {name: round(size) for size, name in largest},
                    "bar_megabytes": 850,
                },
                indent=2,
            )
        )


if __name__ == "__main__":
    main()

"""How fast Headwater starts: `import headwater`, `headwater --help`, `headwater serve` to the first page.

Bars: 0.2 s, 0.5 s, 3 s (a second start: the workspace exists). Medians of `--repeats` runs.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

COMMAND = Path(sys.executable).parent / "headwater"


def timed(command: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - began


def first_page(data_dir: str) -> float:
    began = time.perf_counter()
    command = [str(COMMAND), "serve", "--port", "0", "--data-dir", data_dir]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as server:
        try:
            for line in server.stdout or ():
                if found := re.search(r"http://[\d.:]+", line):
                    with urllib.request.urlopen(found.group(0), timeout=10) as page:
                        page.read()
                    return time.perf_counter() - began
        finally:
            server.terminate()
            server.wait(timeout=20)
    raise SystemExit("the server printed no URL")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    repeats = parser.parse_args().repeats
    bare = statistics.median(timed([sys.executable, "-c", "pass"]) for _ in range(repeats))
    with tempfile.TemporaryDirectory() as data_dir:
        first_start = first_page(data_dir)
        result = {
            "python_alone_seconds": bare,
            "import_headwater_seconds": statistics.median(
                timed([sys.executable, "-c", "import headwater"]) for _ in range(repeats)
            ),
            "help_seconds": statistics.median(timed([str(COMMAND), "--help"]) for _ in range(repeats)),
            "first_serve_to_page_seconds": first_start,
            "second_serve_to_page_seconds": statistics.median(first_page(data_dir) for _ in range(repeats)),
            "bars": {"import": 0.2, "help": 0.5, "second_serve_to_page": 3.0},
        }
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()

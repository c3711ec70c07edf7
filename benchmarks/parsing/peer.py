"""The other side: read the files named on stdin with LangChain's usual loaders; print seconds and characters of each.

Runs in its own environment, made by run.py. Only loaders without the `unstructured` package are used.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any


def loader_for(path: Path) -> Any:
    """Return the loader that LangChain's documentation names for this kind of file; None where there is none."""
    from langchain_community import document_loaders as loaders

    name = str(path)
    table = {
        ".pdf": lambda: loaders.PyPDFLoader(name),
        ".docx": lambda: loaders.Docx2txtLoader(name),
        ".csv": lambda: loaders.CSVLoader(name),
        ".html": lambda: loaders.BSHTMLLoader(name, open_encoding="utf-8"),
        ".ipynb": lambda: loaders.NotebookLoader(name, include_outputs=True),
        ".txt": lambda: loaders.TextLoader(name),
        ".md": lambda: loaders.TextLoader(name),
        ".rst": lambda: loaders.TextLoader(name),
        ".tex": lambda: loaders.TextLoader(name),
    }
    make = table.get(path.suffix)
    return make() if make else None


def main() -> None:
    """Read every file once to warm up what is loaded lazily, then once more against the clock."""
    paths = [Path(line) for line in sys.stdin.read().splitlines()]
    results = {}
    for path in paths:
        try:
            if loader_for(path) is None:
                results[str(path)] = {"error": "no loader"}
                continue
            if path.stat().st_size < 100_000:
                loader_for(path).load()
            started = time.perf_counter()
            documents = loader_for(path).load()
            seconds = time.perf_counter() - started
            results[str(path)] = {"seconds": seconds, "characters": sum(len(d.page_content) for d in documents)}
        except Exception as error:  # noqa: BLE001 - whatever the peer raises is its result for this file
            results[str(path)] = {"error": f"{type(error).__name__}: {error}"[:200]}
    print(json.dumps(results))


if __name__ == "__main__":
    main()

"""openapi.json on standard output: `python -m headwater.server.openapi > web/openapi.json`."""

from __future__ import annotations

import json
import sys

from headwater.server.app import bare_app


def openapi_text() -> str:
    """The description of the API, the same on every machine."""
    return json.dumps(bare_app().openapi(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(openapi_text())

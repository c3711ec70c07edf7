"""Plans and previews away from the server: `python -m headwater.training.planning.child MEMORY_BYTES`, JSON lines.

A question is {"task", "config", "base", "remembered"} on standard input, an answer {"value"} or {"error"} on
standard output. It ends when nobody asks for a while, and when the input ends, so it never outlives who started it.
"""

from __future__ import annotations

import json
import os
import resource
import select
import sys
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, TextIO

from headwater.core.errors import HeadwaterError
from headwater.training.base import Base, find_base
from headwater.training.config import TrainingConfig
from headwater.training.load_config import check_config

IDLE_SECONDS = 300.0


def main(arguments: list[str]) -> int:
    """Answer until the input ends."""
    limit = int(arguments[0])
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    # What libraries print must not stand between the answers.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    while select.select([sys.stdin], [], [], IDLE_SECONDS)[0]:
        line = sys.stdin.readline()
        if not line:
            break
        _reply(answers, line)
    return 0


def _reply(answers: TextIO, line: str) -> None:
    try:
        reply = {"value": answer(json.loads(line))}
    except HeadwaterError as error:
        reply = {"error": {"kind": type(error).__name__, "message": error.message, "hint": error.hint}}
    except MemoryError:
        told = {"message": "The data takes more memory than looking at it may", "hint": "Look at a part of it."}
        reply = {"error": {"kind": "BadInput", **told}}
    answers.write(json.dumps(reply) + "\n")
    answers.flush()


def answer(question: Mapping[str, Any]) -> Any:
    """Answer one question. Raises HeadwaterError."""
    config = check_config(dict(question["config"]))
    path = question.get("base")
    base = find_base(config.model.base, Path(path) if path is not None else None)
    return TASKS[question["task"]](config, base, question)


def _plan(config: TrainingConfig, base: Base, question: Mapping[str, Any]) -> Any:
    from headwater.training.planning.plan import plan_run

    return plan_run(config, base, remembered=Path(question["remembered"])).as_json()


def _preview(config: TrainingConfig, base: Base, question: Mapping[str, Any]) -> Any:
    from headwater.training.rows.preview import preview

    return preview(config, _tokenizer(base))


@lru_cache(maxsize=2)
def _tokenizer(base: Base) -> Any:
    from headwater.training.base import load_tokenizer

    return load_tokenizer(base)


TASKS: Mapping[str, Callable[[TrainingConfig, Base, Mapping[str, Any]], Any]] = {"plan": _plan, "preview": _preview}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

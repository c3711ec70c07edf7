"""Which format rows are in: the table of formats, told apart by their fields, most special first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from headwater.core.errors import BadInput
from headwater.core.registry import Registry
from headwater.records.formats.format import Format, Row

ENOUGH = 0.8
_HERE = "headwater.records.formats"

# The order decides when several match: a row with more telling fields comes before one with fewer.
FORMATS: Registry[type[Format]] = Registry(
    "format",
    {
        "headwater": f"{_HERE}.native:Native",
        "tokenized": f"{_HERE}.texts:Tokenized",
        "oasst": f"{_HERE}.trees:Tree",
        "oasst_pairs": f"{_HERE}.trees:TreePairs",
        "oasst_flat": f"{_HERE}.trees:FlatTree",
        "squad": f"{_HERE}.evaluations:Squad",
        "squality": f"{_HERE}.evaluations:Squality",
        "seed_tasks": f"{_HERE}.instructions:SeedTasks",
        "message_pairs": f"{_HERE}.feedback:MessagePairs",
        "stepwise": f"{_HERE}.feedback:Stepwise",
        "llm_studio_dpo": f"{_HERE}.preferences:StudioPreference",
        "sharegpt_preference": f"{_HERE}.preferences:SharePreference",
        "alpaca_preference": f"{_HERE}.preferences:AlpacaPreference",
        "kto": f"{_HERE}.preferences:KTO",
        "dpo": f"{_HERE}.preferences:DPO",
        "sharegpt": f"{_HERE}.chat:ShareGPT",
        "messages": f"{_HERE}.chat:Messages",
        "h2ogpt": f"{_HERE}.h2ogpt:H2OGPT",
        "llm_studio": f"{_HERE}.studio:Studio",
        "llm_studio_labels": f"{_HERE}.feedback:StudioLabels",
        "alpaca": f"{_HERE}.instructions:Alpaca",
        "question_answer": f"{_HERE}.instructions:QuestionAnswer",
        "evaluation": f"{_HERE}.evaluations:MultipleChoice",
        "prompt_completion": f"{_HERE}.instructions:PromptCompletion",
        "summary": f"{_HERE}.texts:Summary",
        "text": f"{_HERE}.texts:Text",
    },
)
READ_ONLY = frozenset({"oasst", "oasst_pairs", "oasst_flat", "squad", "squality", "seed_tasks", "evaluation"})
# Their rows hold lists and objects, which a table of texts cannot hold.
NESTED = frozenset(
    {"headwater", "tokenized", "dpo", "kto", "sharegpt_preference", "messages", "sharegpt", "message_pairs", "stepwise"}
)
WRITABLE = tuple(name for name in FORMATS if name not in READ_ONLY)


def format_named(name: str) -> Format:
    """Return the format of that name. Raises UnknownName with the nearest."""
    return FORMATS[name]()


@dataclass(frozen=True, slots=True)
class Detection:
    """The format found, the share of sampled rows that fit it, and the other formats that would fit too."""

    format: str
    share: float
    others: tuple[str, ...] = ()


def detect(rows: Sequence[Row], file: str = "the file") -> Detection:
    """Tell the format of sampled rows. Raises BadInput with the columns when nothing fits 8 rows of 10."""
    if not rows:
        raise BadInput(f"{file} has no readable row", "Look at the quarantined rows for the reasons.")
    shares = {name: sum(map(FORMATS[name]().matches, rows)) / len(rows) for name in FORMATS}
    fitting = [name for name, share in shares.items() if share >= ENOUGH]
    if not fitting:
        columns = sorted({str(name) for row in rows for name in row})
        raise BadInput(
            f"{file}: no known format fits these columns: {', '.join(columns)}",
            "Say which column is what with a mapping, for example mapping: {question: Q, answer: A}.",
        )
    return Detection(fitting[0], shares[fitting[0]], tuple(fitting[1:]))

"""From a config to examples: rows read, template checked, tokens masked, everything counted and shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from headwater.core.errors import BadInput
from headwater.training.config import TrainingConfig
from headwater.training.preference.pairs import EncodedPairs, Pairs, encode_pairs
from headwater.training.rows.conversations import Conversation, Rows, SourceInfo, read_rows, set_aside
from headwater.training.rows.examples import Encoded, Encoder, Examples
from headwater.training.rows.template import ChatTemplate, load_template

BARS = 24
SHOWN_ROWS = 4


@dataclass(frozen=True)
class Prepared:
    """All that is learned and validated, and the account of it."""

    train: Examples | Pairs
    valid: Examples | Pairs
    valid_rows: tuple[Conversation, ...]
    template: ChatTemplate
    account: dict[str, Any]


def prepare_data(config: TrainingConfig, tokenizer: Any) -> Prepared:
    """Read, render, tokenise and check. Raises BadInput with what to do."""
    template = load_template(config.data.template, tokenizer)
    if config.task != "pretrain":
        check_template(template, tokenizer)
    rows = read_rows(config.data.train, config.task, config.train.seed)
    train_rows, valid_rows, valid_sources = set_aside(rows, config)
    train, valid = (encoded(rows, config, tokenizer, template) for rows in (train_rows, valid_rows))
    account = _account(config, rows, train, valid, valid_sources)
    if not len(train.examples):
        raise BadInput(
            f"Nothing is left to learn: {_reasons(account)}", "Raise data.max_length, or look at the mapping."
        )
    if config.task == "kto" and len(train.examples) == 1:
        raise BadInput(
            "Only one labelled answer is left to learn", "kto compares each with others': bring two or more."
        )
    lost = account["lost_share"]
    if lost > config.data.max_dropped:
        raise BadInput(
            f"{lost:.0%} of the rows would be left out, data.max_dropped allows {config.data.max_dropped:.0%}: "
            f"{_reasons(account)}",
            "Correct the rows, raise data.max_length, or raise data.max_dropped if this is meant.",
        )
    return Prepared(train.examples, valid.examples, tuple(valid_rows), template, account)


def encoded(
    rows: Sequence[Conversation], config: TrainingConfig, tokenizer: Any, template: ChatTemplate
) -> Encoded | EncodedPairs:
    """Tokenise rows as the task wants them. Raises BadInput."""
    if config.compares:
        return encode_pairs(rows, tokenizer, template, config.data, config.train.seed)
    return Encoder(tokenizer, template, config.data).encode(rows)


def check_template(template: ChatTemplate, tokenizer: Any) -> None:
    """Check with two turns that a prompt is a prefix in tokens, and that the token that stops is learned.

    Raises BadInput with the tokens drawn.
    """
    turns = [
        {"role": "user", "content": "Is it on?"},
        {"role": "assistant", "content": "Yes, it is."},
        {"role": "user", "content": "Since when?"},
        {"role": "assistant", "content": "Since noon."},
    ]
    rendered = template.learn(turns)
    if rendered.text != template.render(turns):
        raise BadInput(
            "The template writes another text when what the assistant says is marked",
            "Let {% generation %} enclose what is written, not what is put into a variable or through a filter.",
        )
    full = tokenizer(rendered.text, add_special_tokens=False, return_offsets_mapping=True)
    for place in (1, 3):
        prompt = template.render(turns[:place], prompt=True)
        ids = tokenizer(prompt, add_special_tokens=False)["input_ids"]
        if full["input_ids"][: len(ids)] != ids:
            raise BadInput(
                "With this template a prompt's tokens are not the first tokens of the full text, so the model would be "
                f"asked in a form that it never learned:\n  prompt {drawn(tokenizer, ids)}\n"
                f"  text   {drawn(tokenizer, full['input_ids'][: len(ids) + 2])}",
                "Put the space after the speaker's mark into the answer: '<bot>:' + ' ' + answer.",
            )
    start, end = rendered.learned[-1]
    learned = [
        token
        for token, (left, right) in zip(full["input_ids"], full["offset_mapping"], strict=True)
        if right > start and left < end
    ]
    if not learned or learned[-1] != tokenizer.eos_token_id:
        raise BadInput(
            f"The token that ends an answer ({tokenizer.eos_token!r}) is not learned, the model would never stop: "
            f"the answer's tokens are {drawn(tokenizer, learned)}",
            "Let the template write eos_token right after the answer.",
        )


def drawn(tokenizer: Any, ids: list[int]) -> str:
    """Return tokens as text with bars between them."""
    return "|".join(tokenizer.decode([token]) for token in ids)


def _account(
    config: TrainingConfig,
    rows: Rows,
    train: Encoded | EncodedPairs,
    valid: Encoded | EncodedPairs,
    valid_sources: list[SourceInfo],
) -> dict[str, Any]:
    read = sum(source.rows for source in rows.sources)
    dropped = rows.refused + train.dropped
    left_out = sum(count for reason, count in dropped.items() if not reason.startswith("("))
    lengths = lengths_of(train.examples)
    return {
        "rows": read,
        "kept": len(train.examples),
        "validation_rows": len(valid.examples),
        "dropped": dict(dropped.most_common()),
        "dropped_examples": rows.examples | train.named,
        "validation_dropped": dict(valid.dropped),
        "lost_share": left_out / max(1, left_out + len(train.examples) + len(valid.examples)),
        "tokens": int(lengths.sum()),
        "target_tokens": int(train.examples.targets.sum()),
        "max_length": config.data.max_length,
        "lengths": _histogram(lengths),
        "longest": int(lengths.max(initial=0)),
        "digest": train.examples.digest(),
        "sources": [asdict(source) for source in (*rows.sources, *valid_sources)],
    }


def _histogram(lengths: Any) -> list[dict[str, int]]:
    if not len(lengths):
        return []
    counts, edges = np.histogram(lengths, bins=BARS, range=(0, int(lengths.max()) + 1))
    return [
        {"from": int(edges[place]), "to": int(edges[place + 1]), "rows": int(count)}
        for place, count in enumerate(counts)
    ]


def _reasons(account: dict[str, Any]) -> str:
    named = account["dropped_examples"]
    return "; ".join(
        f"{count} x {reason}" + (f" (rows {', '.join(named[reason][:3])})" if named.get(reason) else "")
        for reason, count in account["dropped"].items()
    )


def sequences_of(examples: Examples | Pairs) -> Examples:
    """Return what goes through the model: each row, or each answer of compared rows with its prompt."""
    return examples.answers if isinstance(examples, Pairs) else examples


def lengths_of(examples: Examples | Pairs) -> npt.NDArray[np.int64]:
    """Tokens of each row, or of each compared answer with its prompt."""
    lengths = sequences_of(examples).lengths
    return lengths[::2] if isinstance(examples, Pairs) and examples.labelled else lengths


def shown_tokens(rows: Examples | Pairs, numbers: tuple[int, ...], tokenizer: Any) -> list[dict[str, Any]]:
    """Return rows as tokens with the mark whether each is learned, for a person to see. Compared ones give two."""
    examples = sequences_of(rows)
    if isinstance(rows, Pairs):
        numbers = tuple(2 * number + side for number in numbers for side in ((0,) if rows.labelled else (0, 1)))
    shown = []
    for number in numbers[:SHOWN_ROWS]:
        ids, learned = examples.row(number)
        tokens = [
            {"text": tokenizer.decode([int(token)]), "id": int(token), "learned": bool(mark)}
            for token, mark in zip(ids, learned, strict=True)
        ]
        shown.append({"row": examples.rows[number], "tokens": tokens})
    return shown

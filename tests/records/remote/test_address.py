"""Addresses of a recipe: kinds, secrets, names."""

from __future__ import annotations

import pytest

from headwater.core.errors import BadInput
from headwater.records.remote.address import is_remote, name_of, problem_with, remote_name, resolved, shown
from headwater.records.remote.hub import fixed
from headwater.records.remote.place import place_of

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize(
    "address",
    [
        "https://me:secret@host/rows.jsonl", "https://token@host/rows.jsonl", "s3://key:secret@bucket/rows.jsonl",
        "https://host/rows.jsonl?sig=abc", "https://host/rows.jsonl?X-Amz-Signature=abc", "https://host/a?api_key=1",
        "https://host/a?access_token=1", "abfs://box:secret@account.dfs.core.windows.net/a.jsonl",
    ],
)  # fmt: skip
def test_a_secret_is_refused_with_the_cure_and_not_repeated(address: str) -> None:
    problem = problem_with(address)
    assert problem is not None
    assert "env:NAME" in problem
    assert "secret@" not in problem
    assert "abc" not in problem


@pytest.mark.parametrize(
    "address",
    [
        "https://host/rows.jsonl?page=2&size=10", "s3://bucket/a/b.parquet", "gs://bucket/a.csv", "env:SIGNED",
        "abfs://box@account.dfs.core.windows.net/a.jsonl", f"hf://datasets/org/name@{COMMIT}/data/train.parquet",
        "hf://datasets/org/name/train.jsonl",
    ],
)  # fmt: skip
def test_addresses_that_are_fine(address: str) -> None:
    assert problem_with(address) is None
    assert is_remote(address)


@pytest.mark.parametrize(
    "address", ["ftp://host/a", "hf://models/a/b/c", "hf://datasets/org/name", "env:A B", "file:///a"]
)
def test_addresses_of_no_known_kind(address: str) -> None:
    assert problem_with(address) is not None


def test_a_path_is_no_address() -> None:
    assert not any(is_remote(path) for path in ("rows.jsonl", "../a/b.csv", "/abs/c.parquet", "a:b.jsonl"))


def test_names_and_what_is_printed() -> None:
    assert name_of("https://host/a/My%20rows.jsonl?x=1") == "My rows.jsonl"
    assert name_of("https://host/a/..%2f..%2fetc.jsonl") == "etc.jsonl"
    assert name_of("https://host/") == "rows"
    assert shown("https://me:secret@host:8/a?sig=b") == "https://host:8/a"
    assert shown("abfs://box@account/a") == "abfs://box@account/a"
    assert remote_name("env:X", None) == "rows.jsonl"


def test_an_address_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROWS_AT", "https://host/rows.jsonl?sig=secret")
    assert resolved("env:ROWS_AT") == "https://host/rows.jsonl?sig=secret"
    place = place_of("env:ROWS_AT")
    assert (place.name, place.address) == ("rows.jsonl", "env:ROWS_AT")
    assert "secret" not in place.remote.shown
    monkeypatch.delenv("ROWS_AT")
    with pytest.raises(BadInput, match="no variable ROWS_AT"):
        resolved("env:ROWS_AT")
    monkeypatch.setenv("ROWS_AT", "/etc/passwd")
    with pytest.raises(BadInput, match="no address of a known kind"):
        place_of("env:ROWS_AT")


def test_a_data_set_of_the_hub_is_fixed_to_a_commit() -> None:
    asked: list[tuple[str, str | None]] = []

    def find(repository: str, revision: str | None) -> str:
        asked.append((repository, revision))
        return COMMIT

    assert fixed("hf://datasets/org/name/a/b.jsonl", find) == f"hf://datasets/org/name@{COMMIT}/a/b.jsonl"
    assert fixed("hf://datasets/org/name@v2/b.jsonl", find) == f"hf://datasets/org/name@{COMMIT}/b.jsonl"
    assert asked == [("org/name", None), ("org/name", "v2")]
    given = f"hf://datasets/org/name@{COMMIT}/b.jsonl"
    assert fixed(given, find) == given
    assert len(asked) == 2, "a commit needs no question"

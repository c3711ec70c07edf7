"""Runs as rows: names are taken once, states are kept for their owner alone."""

from __future__ import annotations

import pytest

from headwater.core.errors import Conflict, NotFound
from headwater.core.types import Scope
from headwater.storage.database import Catalogue
from headwater.storage.runs import Runs


@pytest.fixture
def runs(catalogue: Catalogue) -> Runs:
    return Runs(catalogue)


def test_a_run_is_kept_and_forgotten(runs: Runs, anna: Scope, boris: Scope) -> None:
    runs.add(anna, "faq")
    runs.add(anna, "faq-2", sweep="faq", differs="train.lr=1")
    runs.note(anna, "faq", state="running", summary={"step": 3}, job_id="j", served="faq")
    found = runs.get(anna, "faq")
    assert (found.state, found.summary, found.job_id, found.served) == ("running", {"step": 3}, "j", "faq")
    assert {run.name for run in runs.list(anna)} == {"faq", "faq-2"}
    runs.delete(anna, "faq")
    with pytest.raises(NotFound):
        runs.get(anna, "faq")


def test_a_name_is_taken_once_in_the_workspace(runs: Runs, anna: Scope, boris: Scope) -> None:
    runs.add(anna, "faq")
    with pytest.raises(Conflict):
        runs.add(boris, "faq")
    assert runs.taken(boris) == {"faq"} and runs.list(boris) == []

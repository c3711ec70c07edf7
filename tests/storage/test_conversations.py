from __future__ import annotations

from typing import Any

import pytest

from headwater.core.errors import BadInput, NotFound
from headwater.core.types import Scope
from headwater.storage.collections import Collections
from headwater.storage.conversations import Conversations
from headwater.storage.database import Catalogue


@pytest.fixture
def conversations(catalogue: Catalogue) -> Conversations:
    return Conversations(catalogue)


def test_a_tree_of_turns(conversations: Conversations, anna: Scope, clock: Any) -> None:
    talk = conversations.create(anna, "Rivers")
    question = conversations.add_message(anna, talk.id, None, "user", "Where does it begin?")
    clock.now += 1
    first = conversations.add_message(anna, talk.id, question.id, "assistant", "In the hills.", {"mode": "chat"})
    clock.now += 1
    second = conversations.add_message(anna, talk.id, question.id, "assistant", "At the spring.")
    clock.now += 1
    edited = conversations.add_message(anna, talk.id, None, "user", "Where does it end?")
    whole = conversations.get(anna, talk.id)
    assert [message.id for message in whole.messages] == [question.id, first.id, second.id, edited.id]
    assert (whole.leaf_id, whole.updated) == (edited.id, clock.now)
    assert first.details == {"mode": "chat"}
    assert conversations.branch(anna, talk.id, second.id) == [question, second]
    assert conversations.branch(anna, talk.id, edited.id) == [edited]
    conversations.set_leaf(anna, talk.id, first.id)
    assert conversations.get(anna, talk.id).leaf_id == first.id


def test_an_answer_grows(conversations: Conversations, anna: Scope) -> None:
    talk = conversations.create(anna, "Rivers")
    answer = conversations.add_message(anna, talk.id, None, "assistant", "", {"streaming": True})
    conversations.update_message(anna, answer.id, "The end.", {"streaming": False, "mode": "answer"})
    found = conversations.message(anna, answer.id)
    assert (found.content, found.details) == ("The end.", {"streaming": False, "mode": "answer"})


def test_rating_and_taking_it_back(conversations: Conversations, anna: Scope) -> None:
    talk = conversations.create(anna, "Rivers")
    answer = conversations.add_message(anna, talk.id, None, "assistant", "Yes.")
    for rating in (1, -1, None):
        assert conversations.rate(anna, answer.id, rating).rating == rating
    with pytest.raises(BadInput, match="rating 5"):
        conversations.rate(anna, answer.id, 5)


def test_lists_are_ordered_by_use_and_searched(conversations: Conversations, anna: Scope, clock: Any) -> None:
    first = conversations.create(anna, "100% Rivers_1")
    clock.now += 1
    second = conversations.create(anna, "Lakes")
    clock.now += 1
    conversations.add_message(anna, first.id, None, "user", "About the DELTA of the ДУНАЙ")
    assert [talk.id for talk in conversations.list(anna)] == [first.id, second.id]
    assert [talk.id for talk in conversations.list(anna, "delta")] == [first.id]
    assert [talk.id for talk in conversations.list(anna, "Дунай")] == [first.id]
    assert [talk.id for talk in conversations.list(anna, "lake")] == [second.id]
    for wildcard in ("%", "_"):
        assert [talk.id for talk in conversations.list(anna, wildcard)] == [first.id]
    assert len(conversations.list(anna, "  ")) == 2
    assert conversations.list(anna)[0].messages == ()


def test_scope_and_title_change(
    conversations: Conversations, collections: Collections, anna: Scope, boris: Scope
) -> None:
    mine, theirs = collections.create(anna, "Papers").id, collections.create(boris, "Papers").id
    talk = conversations.create(anna, "Rivers", [mine], "gemma-270m")
    assert (talk.collection_ids, talk.model) == ((mine,), "gemma-270m")
    assert conversations.set_scope(anna, talk.id, [], None).collection_ids == ()
    with pytest.raises(NotFound, match="collection"):
        conversations.set_scope(anna, talk.id, [theirs], None)
    with pytest.raises(NotFound, match="collection"):
        conversations.create(anna, "Theirs", [theirs])
    assert conversations.rename(anna, talk.id, "Deltas").title == "Deltas"


def test_wrong_parents_roles_and_leaves(conversations: Conversations, anna: Scope) -> None:
    talk, other = conversations.create(anna, "One"), conversations.create(anna, "Two")
    elsewhere = conversations.add_message(anna, other.id, None, "user", "Hello")
    with pytest.raises(NotFound, match="message"):
        conversations.add_message(anna, talk.id, elsewhere.id, "user", "Hello")
    with pytest.raises(NotFound, match="message"):
        conversations.set_leaf(anna, talk.id, elsewhere.id)
    with pytest.raises(NotFound, match="message"):
        conversations.branch(anna, talk.id, elsewhere.id)
    with pytest.raises(BadInput, match="'robot'"):
        conversations.add_message(anna, talk.id, None, "robot", "Hello")


def test_deleting_deletes_the_messages(conversations: Conversations, anna: Scope) -> None:
    talk = conversations.create(anna, "Rivers")
    parent = conversations.add_message(anna, talk.id, None, "user", "Hello")
    conversations.add_message(anna, talk.id, parent.id, "assistant", "Hello!")
    conversations.delete(anna, talk.id)
    with pytest.raises(NotFound):
        conversations.get(anna, talk.id)
    with pytest.raises(NotFound):
        conversations.message(anna, parent.id)

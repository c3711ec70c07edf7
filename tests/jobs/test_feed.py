from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.jobs import feed as module
from headwater.jobs.feed import Event, JobFeed


def test_events_are_numbered_and_taken_up_again() -> None:
    feed = JobFeed(lambda: 5.0)
    events = [feed.publish("anna", "job", number) for number in range(4)]
    assert [event.id for event in events] == [5001, 5002, 5003, 5004]
    replay = feed.replay("anna", events[1].id)
    assert replay.complete
    assert [event.data for event in replay.events] == [2, 3]
    assert replay.last_id == 5004
    assert feed.replay("anna", replay.last_id).events == ()


def test_owners_are_apart() -> None:
    feed = JobFeed()
    start = feed.replay("boris", None).last_id
    feed.publish("anna", "job", "secret")
    assert feed.replay("boris", start).events == ()
    assert feed.replay("boris", start).complete


def test_a_client_of_before_the_restart_needs_the_current_state() -> None:
    before = JobFeed(lambda: 100.0)
    remembered = before.publish("anna", "job", 1).id
    after = JobFeed(lambda: 101.0)
    new = after.publish("anna", "job", 2)
    replay = after.replay("anna", remembered)
    assert (replay.complete, replay.events) == (False, ())
    assert new.id > remembered
    assert not after.replay("anna", None).complete
    assert not after.replay("anna", new.id + 10).complete


def test_a_client_that_was_away_too_long_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT_EVENTS", 3)
    feed = JobFeed()
    start = feed.replay("anna", None).last_id
    events = [feed.publish("anna", "job", number) for number in range(3)]
    assert feed.replay("anna", start).complete
    feed.publish("anna", "job", 3)
    assert not feed.replay("anna", start).complete
    replay = feed.replay("anna", events[0].id)
    assert replay.complete
    assert [event.data for event in replay.events] == [1, 2, 3]


def test_a_listener_misses_nothing_and_can_leave() -> None:
    feed = JobFeed()
    first = feed.publish("anna", "job", 0)
    feed.publish("anna", "job", 1)
    heard: list[Event] = []
    replay, stop = feed.subscribe("anna", first.id, heard.append)
    assert [event.data for event in replay.events] == [1]
    feed.publish("anna", "document", 2)
    feed.publish("boris", "document", 3)
    stop()
    stop()
    feed.publish("anna", "document", 4)
    assert [(event.kind, event.data) for event in heard] == [("document", 2)]


def test_waiting_ends_with_the_next_event() -> None:
    feed = JobFeed()
    start = feed.replay("anna", None).last_id
    waiting = threading.Event()
    got: list[Event] = []

    def wait() -> None:
        waiting.set()
        got.extend(feed.wait("anna", start, 30).events)

    thread = threading.Thread(target=wait)
    thread.start()
    waiting.wait(10)
    feed.publish("boris", "job", "not for anna")
    feed.publish("anna", "job", "hello")
    thread.join(10)
    assert [event.data for event in got] == ["hello"]
    assert feed.wait("anna", got[0].id, 0.0).events == ()


@given(st.lists(st.sampled_from(["anna", "boris"]), max_size=40), st.data())
def test_replay_is_exactly_what_came_after(owners: list[str], data: st.DataObject) -> None:
    feed = JobFeed()
    start = feed.replay("anna", None).last_id
    events = [(owner, feed.publish(owner, "job", number)) for number, owner in enumerate(owners)]
    after = data.draw(st.sampled_from([start, *(event.id for _, event in events)]))
    replay = feed.replay("anna", after)
    assert replay.complete
    assert list(replay.events) == [event for owner, event in events if owner == "anna" and event.id > after]

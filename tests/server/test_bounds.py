"""Limits and times: they fit together, and times are scaled as one."""

from dataclasses import fields

import pytest

from yozora.server.bounds import MEGABYTE, PER_KEY, Limits, Times


def test_what_a_key_may_have_of_its_own_is_a_limit() -> None:
    assert set(PER_KEY) <= {field.name for field in fields(Limits)}
    assert len(set(PER_KEY)) == len(PER_KEY)


def test_all_limits_let_something_through() -> None:
    limits = Limits()
    assert all(getattr(limits, field.name) > 0 for field in fields(Limits))
    assert limits.creates_a_minute <= limits.requests_a_minute <= limits.polls_a_minute


def test_a_body_has_room_for_an_upload_and_a_data_url() -> None:
    limits = Limits()
    assert limits.upload_bytes < limits.body_bytes <= limits.incoming_bytes
    assert limits.text_bytes > 20_971_520 > MEGABYTE
    assert limits.added_seconds <= limits.seconds


def test_a_worker_is_dead_only_after_several_signs_were_missed() -> None:
    times = Times()
    assert times.silence >= 5 * times.beat
    assert times.retry < times.retry_most
    assert times.poll < times.beat


@pytest.mark.parametrize("factor", [0.01, 3.0])
def test_times_are_scaled_together(factor: float) -> None:
    times, scaled = Times(), Times().scaled(factor)
    for field in fields(Times):
        assert getattr(scaled, field.name) == pytest.approx(factor * getattr(times, field.name))
    assert Times().scaled(1.0) == times

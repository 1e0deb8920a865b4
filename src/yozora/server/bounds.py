"""How much of anything a server takes, and how long it waits: the tables `[limits]` and `[times]` of its settings."""

from dataclasses import dataclass, fields
from math import inf
from typing import Final

MEGABYTE: Final = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much of anything is taken. Rates and queues are per key."""

    requests_a_minute: int = 600
    polls_a_minute: int = 60_000  # requests that only read
    creates_a_minute: int = 120
    queued: int = 1_000  # videos that may wait or be made at once
    body_bytes: int = 256 * MEGABYTE  # of a request with files
    text_bytes: int = 32 * MEGABYTE  # of a request without: a data URL has up to 20,971,520 characters
    upload_bytes: int = 200 * MEGABYTE  # of one file
    upload_seconds: float = 120.0  # of film in it
    decode_seconds: float = 60.0  # of time that looking at it may take
    decode_bytes: int = 2048 * MEGABYTE  # of memory
    seconds: float = 120.0  # of a film in all
    added_seconds: float = 20.0  # by one extension
    files: int = 1_000
    characters: int = 200
    webhooks: int = 20
    attempts: int = 3  # a job that has killed so many workers has failed
    concurrent: int = 1_000  # videos that are made at once
    batches: int = 20  # that are not done
    batch_lines: int = 5_000  # of one batch
    stored_bytes: float = inf  # of films and uploaded files
    megapixel_seconds_a_day: float = inf  # of films: width x height / 1,000,000 x seconds, in any 24 hours
    connections: int = 4_096  # of all clients together, at one process
    connections_per_address: int = 256  # not from this machine, where a proxy speaks for all
    holds: int = 500  # answers that `?wait=` holds back, of a key and a process
    body_bytes_a_second: int = 1_024  # that a body brings at least
    requests_at_once: int = 1_000  # of a key, that are being answered by one process
    downloads_at_once: int = 64  # the same for films and files that are being sent,
    streams_at_once: int = 50  # and streams of events that are open
    incoming_bytes: int = (
        1024 * MEGABYTE
    )  # of bodies above 64 KiB that are here; of this and what follows, a key has half
    bodies_at_once: int = 64  # that are used
    decodings_at_once: int = 4  # each may take `decode_bytes`
    guards_at_once: int = 64  # prompts that a guard model is asked about
    calls_at_once: int = 32  # to addresses that clients name
    turn_seconds: float = 15.0  # that a call waits for its turn before it is told to come again
    reserve_bytes: int = 16 * MEGABYTE  # of disk that is kept for ending and deleting videos when it is full


PER_KEY: Final = (
    "requests_a_minute", "polls_a_minute", "creates_a_minute", "queued", "concurrent", "stored_bytes",
    "megapixel_seconds_a_day", "files", "characters", "webhooks",
)  # fmt: skip
"""Those of `Limits` that a key may have of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """How long anything is waited for, in seconds. Every process of an installation has the same."""

    poll: float = 0.1  # between two looks at the queue, by a worker that has nothing to do
    deliver: float = 1.0  # between two looks at events that are to be delivered
    deliver_again: float = 5.0  # before an event that was not taken is sent again; later ever longer, for a day
    beat: float = 2.0  # between two signs of life of a worker
    silence: float = 15.0  # after which a worker that gives no sign is dead
    reap: float = 5.0  # between two checks for films and events that no worker has
    batch: float = 1.0  # between two looks at batches that are not done
    batch_most: float = 86_400.0  # after which what is left of a batch is given up
    sweep: float = 60.0  # between two checks for what is expired or has no owner
    retry: float = 0.1  # before something that failed is tried again; then twice as long each time,
    retry_most: float = 10.0  # up to this
    locked: float = 5.0  # that SQLite is waited for while others write to it or have it locked
    away: float = 1_800.0  # that a film waits for a database or a store that is away
    full: float = 120.0  # that a film waits for room on a full disk
    stuck: float = 900.0  # without a step, after which a worker hangs and is replaced
    film: float = 600.0  # that making a film may take, and as much more for
    film_unit: float = 120.0  # each megapixel, second of film and sampler step that it has
    head: float = 15.0  # until the head of a request is there
    body: float = 30.0  # without a byte of a body; and until it has to come as fast as `body_bytes_a_second`
    answer: float = 60.0  # while nothing of an answer is taken
    idle: float = 75.0  # between two requests on a connection
    live_start: float = 10.0  # until a live session says what film it wants
    live_stall: float = 60.0  # that a live session is held without progress of its film or a ping
    live_look: float = 0.1  # between two looks of a live session at its film
    director: float = 60.0  # that a director may take for a board, with all its answers
    hold: float = 60.0  # that `?wait=` may hold an answer back
    grace: float = 60.0  # that a film which is being stored may take when its worker stops

    def scaled(self, factor: float) -> "Times":
        """All of them that much longer."""
        return Times(**{each.name: getattr(self, each.name) * factor for each in fields(self)})

"""Programs that own a store and come to harm: run as `python -m store.programs <name> <path>` from tests/."""

from __future__ import annotations

import resource
import sys
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

from firsttoken.errors import StoreError
from firsttoken.store import Batch, JsonText, Store

from .samples import call_record

SMALL_FILE_BYTES = 2_000_000
"""Less than the size at which DuckDB moves its log into the file."""
LARGE_FILE_BYTES = 20_000_000
"""Room for a log of that size, and then not for the file."""

COMMITTED = "committed"
CALLS = 100


def big_batch() -> Batch:
    """About 1 MB, of bytes that do not compress."""
    noise = Path("/dev/urandom")
    with noise.open("rb") as random:
        texts = [JsonText(f'"{random.read(5000).hex()}"') for _ in range(CALLS)]
    return Batch(calls=tuple(replace(call_record(), attributes=text) for text in texts))


def outcome(done: Future[None]) -> str:
    try:
        done.result(30)
    except StoreError as error:
        return str(error)
    return COMMITTED


def hold(path: Path) -> None:
    """Opens the store and waits."""
    with Store.open(path):
        print("open", flush=True)
        sys.stdin.read()


def write_and_wait(path: Path) -> None:
    """Commits a thousand calls, says so and waits to be killed."""
    store = Store.open(path)
    for _ in range(10):
        store.write(Batch(calls=tuple(call_record() for _ in range(100)))).result(30)
    print("committed", flush=True)
    sys.stdin.read()


def exit_without_closing(path: Path) -> None:
    """Hands over a call and ends."""
    Store.open(path).write(Batch(calls=(call_record(),)))


def make_without_room(path: Path) -> None:
    """Opens a new store on a full disk, and again when there is room."""
    for limit_bytes in (10_000, resource.RLIM_INFINITY):
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, resource.RLIM_INFINITY))
        try:
            Store.open(path).close()
        except StoreError as error:
            print(error)


def fill_log(path: Path) -> None:
    """Writes until the log is full, then something small."""
    _fill(path, SMALL_FILE_BYTES)


def fill_file(path: Path) -> None:
    """Writes until DuckDB cannot make its checkpoint, which is fatal to it."""
    _fill(path, LARGE_FILE_BYTES)


def _fill(path: Path, limit_bytes: int) -> None:
    """Prints what was said while there was no room, what the store says then, and how many calls were committed."""
    store = Store.open(path)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, resource.RLIM_INFINITY))
    said: list[str] = []
    while set(said) <= {COMMITTED}:
        said.append(outcome(store.write(big_batch())))
    said += [outcome(store.write(big_batch())) for _ in range(5)]
    failures = set(said) - {COMMITTED}
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    said.append(outcome(store.write(big_batch())))
    print(*failures, said[-1], store.failure, said.count(COMMITTED) * CALLS, sep="\n")
    store.close()


MAIN = (hold, write_and_wait, exit_without_closing, make_without_room, fill_log, fill_file)
PROGRAMS = {program.__name__: program for program in MAIN}

if __name__ == "__main__":
    PROGRAMS[sys.argv[1]](Path(sys.argv[2]))

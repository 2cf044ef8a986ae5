"""`python -m firsttoken.receive.helper`: a process that decodes for a server, which talks to it over its pipes.

It reads pickles of its own parent alone, and ends when that lets go of the pipe, however it came to its own end.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import sys
from typing import BinaryIO, Final

from firsttoken.receive.decoding import decoded_rows
from firsttoken.receive.packing import READY, Broken, packed
from firsttoken.receive.refusal import RefusalError
from firsttoken.store.arrow import warm_up

YOUNG_OBJECTS: Final = 200_000
"""What a request is decoded into goes as one, and has no cycles: looking for some took a seventh of the time."""


def serve(source: BinaryIO, sink: BinaryIO) -> None:
    """Answers each piece of work with what it was decoded into, or with why it was not, until there is no more."""
    prices = pickle.load(source)  # noqa: S301  from our own parent
    warm_up()
    _send(READY, sink)
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS)
    while True:
        try:
            work = pickle.load(source)  # noqa: S301  likewise
        except EOFError:
            return
        try:
            answer: object = packed(decoded_rows(work, prices))
        except RefusalError as refusal:
            answer = refusal
        except Exception as error:  # noqa: BLE001  the parent tells whoever sent the request
            answer = Broken(repr(error))
        _send(answer, sink)


def _send(value: object, sink: BinaryIO) -> None:
    pickle.dump(value, sink, protocol=pickle.HIGHEST_PROTOCOL)
    sink.flush()


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal sends it to all; the parent says when it is over
    sink = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever a library prints is no answer
    serve(sys.stdin.buffer, sink)
    os._exit(0)  # there is nothing to tidy up, and libraries complain of what is frozen


if __name__ == "__main__":
    main()

"""`python -m bench.sending ADDRESS SENDERS SECONDS`: sends spans over gRPC, each sender as fast as it is answered.

Says when all is warm; then how long each answer took, in milliseconds, and how long it all took.
"""

from __future__ import annotations

import json
import sys
import threading
import time

import grpc

from bench.otlp import SPANS_OF_A_REQUEST, Request, requests

WARM_S = 5.0
"""Until the server has called its helper and both have loaded what they need."""
EXPORT = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"


def main() -> None:
    address, senders, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    made = requests(16)
    answers_ms: list[float] = []
    _at_once(address, senders, made, WARM_S, [])
    print("warm", flush=True)
    began = time.perf_counter()
    _at_once(address, senders, made, seconds, answers_ms)
    took_s = time.perf_counter() - began
    print(json.dumps({"answers_ms": answers_ms, "spans": len(answers_ms) * SPANS_OF_A_REQUEST, "took_s": took_s}))


def _at_once(address: str, senders: int, made: list[Request], seconds: float, answers_ms: list[float]) -> None:
    threads = [
        threading.Thread(target=_send, args=(address, made[sender::senders], seconds, answers_ms))
        for sender in range(senders)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _send(address: str, made: list[Request], seconds: float, answers_ms: list[float]) -> None:
    """What is refused for now ends the measurement: it is to be sustained."""
    with grpc.insecure_channel(address, options=[("grpc.use_local_subchannel_pool", 1)]) as channel:
        export = channel.unary_unary(EXPORT)
        ends, number = time.perf_counter() + seconds, 0
        while time.perf_counter() < ends:
            body = made[number % len(made)].anew()
            number += 1
            began = time.perf_counter()
            export(body, timeout=60)
            answers_ms.append((time.perf_counter() - began) * 1000)


if __name__ == "__main__":
    main()

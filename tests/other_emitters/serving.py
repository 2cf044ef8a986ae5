"""The provider of the traffic: answers by the default script, each under the id that its call's number gives."""

from __future__ import annotations

from dataclasses import replace

from firsttoken.testing import Answer, DefaultScript, ReceivedRequest, Reply
from other_emitters.traffic import NUMBER_HEADER


def numbered(request: ReceivedRequest) -> Reply:
    reply = DefaultScript()(request)
    number = request.headers.get(NUMBER_HEADER)
    return replace(reply, id=f"answer-{number}") if isinstance(reply, Answer) else reply

"""What each kind of error means and what helps, in a sentence or two, and how far a call had come."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from firsttoken.call.category import Category, Stage

MEANINGS: Final[Mapping[Category, str]] = {
    Category.TIMEOUT: "Nothing came within the time limit. Trying again may help; so may a longer limit or a stream.",
    Category.CONNECTION: "There was no connection, or it was lost. Look at the network, a proxy, or the base URL.",
    Category.RATE_LIMIT: "Too many requests or tokens in too short a time. It works again after a wait.",
    Category.QUOTA: "The account has no credit or quota left. No wait helps: top it up, or raise its limit.",
    Category.AUTH: "The key or token is missing, wrong or expired.",
    Category.PERMISSION: "The key is known, but may not do this. Look at its project, and at who may use the model "
    "and from where.",
    Category.NOT_FOUND: "There is no such model, deployment, response or path for this key.",
    Category.CONTEXT_LENGTH: "The request is longer than the model or the provider takes. Shorten it, or take another "
    "model.",
    Category.BAD_REQUEST: "The request is not accepted as it is: sent again, it fails again.",
    Category.OVERLOADED: "The provider has more to do than it can, whoever asks. Trying again later helps.",
    Category.SERVER: "Something broke at the provider. Trying again may help.",
    Category.CONTENT_FILTER: "What was asked or answered is against the provider's rules.",
    Category.CANCELLED: "The call was called off.",
    Category.UNKNOWN: "Neither a code, nor a status, nor the class of the exception says what kind of error this was.",
}
STAGES: Final[Mapping[Stage, str]] = {
    Stage.CONNECT: "before a connection stood",
    Stage.HEADERS: "before there was an answer to read",
    Stage.MID_STREAM: "after the answer had begun",
}

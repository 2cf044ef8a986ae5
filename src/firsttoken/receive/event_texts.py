"""The events of many spans as JSON, column by column: the same text as `values.json_text` gives for those of one."""

from __future__ import annotations

from typing import Any

import numpy as np

from firsttoken.receive.kernels import pa, pc
from firsttoken.receive.our_attributes import plain
from firsttoken.receive.values import json_text
from firsttoken.receive.wire import Attributes, Events, Places


def event_texts(events: Events, span_count: int) -> Any:
    """For each span, the list of its events."""
    members = _joined(_member_texts(events.attributes), events.attributes.owners, len(events.names))
    each = _together(
        *('{"name":', _each_once(events.names), ',"time_unix_ns":', _text(events.times)),
        *(',"attributes":{', members, "}}"),
    )
    return _together("[", _joined(each, events.owners, span_count), "]")


def repeated_names(attributes: Attributes) -> Places:
    """The owners that have two attributes of one name."""
    codes = attributes.keys.dictionary_encode().indices.to_numpy().astype(np.int64)
    named = np.sort(attributes.owners << 32 | codes)
    return named[1:][named[1:] == named[:-1]] >> 32


def _member_texts(attributes: Attributes) -> Any:
    return _together(_each_once(attributes.keys), ":", _value_texts(attributes.values))


def _value_texts(values: Any) -> Any:
    numbers = _text(values.field("integer"))
    found = pc.coalesce(_each_once(values.field("text")), numbers)
    missing = np.flatnonzero(found.is_null().to_numpy(zero_copy_only=False))
    if len(missing) == 0:
        return found
    others = np.full(len(found), -1)
    others[missing] = np.arange(len(missing))
    texts = pa.array([json_text(value) for value in plain(values, missing)], pa.string())
    return pc.coalesce(found, texts.take(pa.array(others, mask=others < 0)))


def _each_once(texts: Any) -> Any:
    """The JSON of each text."""
    encoded = texts.dictionary_encode()
    known = pa.array([json_text(text) for text in encoded.dictionary.to_pylist()], pa.string())
    return known.take(encoded.indices)


def _text(numbers: Any) -> Any:
    return pc.cast(numbers, pa.string())


def _together(*parts: Any) -> Any:
    return pc.binary_join_element_wise(*parts, "")


def _joined(texts: Any, owners: Places, count: int) -> Any:
    """The texts of each owner, with commas between them."""
    offsets = np.searchsorted(owners, np.arange(count + 1)).astype(np.int32)
    return pc.binary_join(pa.ListArray.from_arrays(offsets, texts), ",")

"""OpenAI's annotations of a text: nested in Chat Completions, flat in Responses."""

from __future__ import annotations

from collections.abc import Iterator

from firsttoken.call.content import Citation
from firsttoken.call.opaque import bare_uri
from firsttoken.providers.fields import get, items, mapping, text, whole


def citations_in(annotations: object) -> Iterator[Citation]:
    """Where a text comes from, as its annotations say."""
    for annotation in items(annotations):
        kind = text(get(annotation, "type")) or "annotation"
        about = mapping(get(annotation, kind)) or mapping(annotation)
        url = text(about.get("url"))
        yield Citation(
            kind,
            source=bare_uri(url) if url else text(about.get("file_id")),
            title=text(about.get("title")) or text(about.get("filename")),
            quote=text(about.get("content")),
            start=whole(about.get("start_index")),
            end=whole(about.get("end_index")),
        )

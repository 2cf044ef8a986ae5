"""Takes out of a text what nobody else may read: keys, header values, and of a URL user, password and query."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import unquote, urlsplit, urlunsplit

HIDDEN: Final = "***"
SHORTEST: Final = 4
"""A shorter value hides nothing and stands in many words."""
SECRET_NAME: Final = re.compile(r"HEADERS$|KEY$|TOKEN$|SECRET$|PASSWORD$|PASSWD$|CREDENTIALS?$", re.IGNORECASE)
USER_INFO: Final = re.compile(r"(?<=://)[^/\s'\"]*@|(?<![^\s'\"(])[^/\s@:'\"(]+:[^/\s'\"]+@")
"""Before the host of a URL, or of a host and port without a scheme."""
ADDRESS: Final = re.compile(r"://(?:(?P<user>[^/\s]*)@)?[^\s?#]*(?:[?#](?P<query>\S*))?")


class Secrets:
    """Those of one environment."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        values = {value for name, text in environ.items() if SECRET_NAME.search(name) for value in _values(name, text)}
        values |= {value for text in environ.values() for value in _of_addresses(text)}
        self._values = sorted((value for value in values if len(value) >= SHORTEST), key=len, reverse=True)

    def hide(self, text: str) -> str:
        for value in self._values:
            text = text.replace(value, HIDDEN)
        return USER_INFO.sub(f"{HIDDEN}@", text)


def shown_url(url: str) -> str:
    """A URL without what may be secret in it: user, password, query and fragment."""
    if "://" not in url:
        return re.split("[?#]", url, maxsplit=1)[0].rpartition("@")[2]
    try:
        parts = urlsplit(url)
    except ValueError:
        return USER_INFO.sub(f"{HIDDEN}@", url.partition("?")[0])
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, "", ""))


def _values(name: str, text: str) -> Iterator[str]:
    """The whole; of headers and the like also each value by itself, as written and as meant."""
    yield text.strip()
    if name.upper().endswith("HEADERS"):
        for pair in text.split(","):
            value = pair.partition("=")[2].strip()
            yield from (value, unquote(value), value.rpartition(" ")[2], unquote(value).rpartition(" ")[2])


def _of_addresses(text: str) -> Iterator[str]:
    """The password and the query of each URL, which whoever asks there may repeat apart from it."""
    for address in ADDRESS.finditer(text):
        password, query = (address["user"] or "").partition(":")[2], address["query"] or ""
        yield from (password, unquote(password), query)
        for name, _, value in (pair.partition("=") for pair in query.split("&")):
            yield from (value, unquote(value)) if SECRET_NAME.search(name) else ()

"""What was asked for stands in the fields of a form as it was asked for, whatever hides in it."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import quote

import pytest

from .site import Site

ASKED = "a\u200bb\u202e\"'<b>& \u00e9"
QUOTED = quote(ASKED, safe="")


class Fields(HTMLParser):
    """The values of a page's form fields."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.values: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "input":
            self.values += [value or "" for name, value in attrs if name in ("name", "value")]


@pytest.mark.parametrize(
    "address",
    [
        f"/?search={QUOTED}",
        f"/?where.user.id={QUOTED}",
        f"/?where.{QUOTED}=1",
        f"/overview?where.user.id={QUOTED}",
        f"/spend?search={QUOTED}",
        f"/what-if?where.user.id={QUOTED}",
        f"/what-if?to={QUOTED}",
        f"/compare?a.search={QUOTED}&b.search=x",
        f"/compare?a.where.user.id={QUOTED}&b.search=x",
    ],
)
def test_a_form_that_is_sent_again_asks_the_same(shared_site: Site, address: str) -> None:
    values = Fields(shared_site.get(address, {"accept": "text/html"}).text).values
    assert any(ASKED in value for value in values)
    assert [value for value in values if "\\u200b" in value] == []

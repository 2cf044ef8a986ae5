"""Every view can be gone to with two keys."""

from __future__ import annotations

from firsttoken.page.navigation import PLACES, Place, jump_keys

from .site import Site


def test_a_place_has_the_first_letter_of_its_name_that_none_before_it_has() -> None:
    places = [Place("/", "Calls"), Place("/compare", "Compare"), Place("/c", "C"), Place("/2", "2 cards")]
    assert jump_keys(places) == {"/": "c", "/compare": "o", "/2": "a"}


def test_every_view_is_told_with_its_key(shared_site: Site) -> None:
    page = shared_site.get("/").text
    for place in PLACES:
        assert f'href="{place.address}"' in page
        assert f'data-key="{jump_keys(PLACES)[place.address]}">{place.name}</a>' in page

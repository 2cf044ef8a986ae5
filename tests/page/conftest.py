from __future__ import annotations

from collections.abc import Iterator

import pytest
from chromium import running_chromium
from patience import PATIENCE_S
from playwright.sync_api import Browser, expect

from firsttoken.store import Store

from .everything import Everything, send_everything
from .samples import EVERY_KIND
from .site import Site, running_site


@pytest.fixture(scope="session", autouse=True)
def cache_of_these_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The chart's parts are made once for all tests, and not kept where the user's are."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def shared_site(cache_of_these_tests: None) -> Iterator[Site]:
    """One server that holds every kind of call, for the tests that add nothing."""
    with Store.open(None) as store, running_site(store) as site:
        site.add(*EVERY_KIND, run_id="r1")
        yield site


@pytest.fixture
def site(cache_of_these_tests: None) -> Iterator[Site]:
    """A server of one's own, with nothing in it."""
    with Store.open(None) as store, running_site(store) as site:
        yield site


@pytest.fixture(scope="package")
def full_site(cache_of_these_tests: None) -> Iterator[tuple[Site, Everything]]:
    """A server that was sent everything that a page can show. Nothing is added to it."""
    with Store.open(None) as store, running_site(store) as site:
        yield site, send_everything(site.receiver)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One for all tests of this folder that run one after another. It waits as long as a busy machine needs."""
    expect.set_options(timeout=PATIENCE_S * 1000)
    with running_chromium() as browser:
        yield browser

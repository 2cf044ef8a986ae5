"""`firsttoken health`: of a file, and of a server that writes it."""

from __future__ import annotations

import json
from pathlib import Path

from analyse.test_tracing import OTHER_SCOPE, call
from page.samples import UNKNOWN_MODEL
from page.site import running_site

from firsttoken.store import Batch, Store

from .asking import Ask, record


def kept(store_path: Path) -> Store:
    store = Store.open(store_path)
    store.write(Batch(calls=(call(3, 2), call(2, None, OTHER_SCOPE, begin=9), record(9, UNKNOWN_MODEL)))).result(30)
    return store


def test_a_file_is_told_of_with_what_wants_attention(ask: Ask, store_path: Path) -> None:
    kept(store_path).close()
    done = ask("health", "--store", str(store_path))
    assert (done.code, done.err) == (0, "")
    lines = [" ".join(line.split()) for line in done.out.splitlines()]
    assert any(line.startswith("app firsttoken firsttoken 1 0 of 1") for line in lines)
    assert f"1 call checkout: firsttoken, recorded by {OTHER_SCOPE} too" in lines
    assert any(line.startswith("- warning: 1 call of ") and line.endswith("unknown model") for line in lines)
    assert "server" not in lines


def test_a_server_tells_what_it_received_and_where_to_send(ask: Ask, store_path: Path) -> None:
    with kept(store_path) as store, running_site(store) as site:
        done = ask("health", "--page-port", site.url.rpartition(":")[2])
    lines = [" ".join(line.split()) for line in done.out.splitlines()]
    assert "server" in lines
    assert any(line.startswith("OTLP/HTTP http://127.0.0.1:") for line in lines)
    assert "limits none: nothing goes by itself" in lines
    assert any(line.startswith("waiting to be written 0 MB of ") for line in lines)


def test_the_rows_are_the_instrumentations(ask: Ask, store_path: Path) -> None:
    kept(store_path).close()
    told = json.loads(ask("health", "--store", str(store_path), "--json").out)
    assert {emitter["scope"] for emitter in told["emitters"]} == {"firsttoken", OTHER_SCOPE}
    header, *rows = ask("health", "--store", str(store_path), "--csv").out.splitlines()
    assert header.startswith("service,scope,dialect,calls,also_seen,spans,")
    assert len(rows) == len(told["emitters"])


def test_an_empty_store_says_why_nothing_may_have_come(ask: Ask, store_path: Path) -> None:
    Store.open(store_path).close()
    done = ask("health", "--store", str(store_path))
    assert done.code == 0
    assert "Nothing has arrived yet. It may be that:" in done.out
    assert "firsttoken doctor -- python app.py finds out which." in done.out

"""`firsttoken dashboards`: into a server that behaves as Grafana's documentation says, and into folders."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from grafana.server import TOKEN, FakeGrafana, running

from firsttoken.cli.dashboards import STORES
from firsttoken.provided import boards

from .asking import Answer, Ask

UIDS = ["cost", "errors", "fleet", "latency", "overview", "streaming"]
OF_PROMETHEUS = {f"firsttoken-{name}" for name in UIDS}
Install = Callable[..., Answer]


@pytest.fixture(params=["newer", "older"])
def grafana(request: pytest.FixtureRequest) -> Iterator[FakeGrafana]:
    """With each of the two interfaces."""
    with running(FakeGrafana(is_new=request.param == "newer")) as server:
        yield server


@pytest.fixture
def one() -> Iterator[FakeGrafana]:
    """Where the interface makes no difference."""
    with running(FakeGrafana()) as server:
        yield server


@pytest.fixture
def install(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> Install:
    monkeypatch.delenv("GRAFANA_URL", raising=False)
    monkeypatch.setenv("GRAFANA_TOKEN", TOKEN)

    def install(grafana: FakeGrafana, *options: str) -> Answer:
        return ask("dashboards", "install", "--grafana", grafana.address, *options)

    return install


def outcomes(answer: Answer) -> dict[str, str]:
    lines = [re.split(r" {2,}", line) for line in answer.out.splitlines()]
    return {address.rsplit("/d/", 1)[1]: word for word, _, address in lines}


def test_every_board_whose_data_source_is_there_is_created_in_a_folder(grafana: FakeGrafana, install: Install) -> None:
    answer = install(grafana)

    assert (answer.code, outcomes(answer)) == (0, dict.fromkeys([*OF_PROMETHEUS, "firsttoken-calls"], "created"))
    assert grafana.folders == {"firsttoken": "LLM calls"}
    for board in boards():
        if board.store in ("prometheus", "tempo"):
            kept = grafana.boards[board.uid]
            assert (kept.folder, kept.model) == ("firsttoken", board.model)
            assert kept.message.startswith("firsttoken ")
    assert "rule_files in prometheus.yml" in answer.err


def test_a_second_time_nothing_is_changed(grafana: FakeGrafana, install: Install) -> None:
    install(grafana)
    grafana.asked.clear()
    answer = install(grafana)

    assert (answer.code, set(outcomes(answer).values())) == (0, {"unchanged"})
    assert {line.split()[0] for line in grafana.asked} == {"GET"}


def test_what_somebody_changed_is_left_until_it_is_to_be_replaced(grafana: FakeGrafana, install: Install) -> None:
    install(grafana)
    grafana.changed_by_somebody("firsttoken-cost", title="Our cost")
    kept = install(grafana)
    assert kept.code == 1
    assert [uid for uid, words in outcomes(kept).items() if words != "unchanged"] == ["firsttoken-cost"]
    assert "What was left is other than ours" in kept.err
    assert grafana.boards["firsttoken-cost"].model["title"] == "Our cost"

    replaced = install(grafana, "--overwrite")
    assert (replaced.code, outcomes(replaced)["firsttoken-cost"]) == (0, "replaced")
    assert grafana.boards["firsttoken-cost"].model["title"] == "LLM calls: cost"


def test_a_board_that_was_moved_stays_where_it_is_when_it_is_replaced(grafana: FakeGrafana, install: Install) -> None:
    grafana.folders["team"] = "Team"
    install(grafana)
    grafana.boards["firsttoken-cost"].folder = "team"
    grafana.changed_by_somebody("firsttoken-cost", panels=[])
    install(grafana, "--overwrite")

    assert grafana.boards["firsttoken-cost"].folder == "team"


@pytest.mark.parametrize("name", ["Team", "team-uid", "A new one"])
def test_a_folder_is_found_by_title_or_uid_and_made_where_there_is_none(
    grafana: FakeGrafana, install: Install, name: str
) -> None:
    grafana.folders |= {f"f{number}": f"Folder {number}" for number in range(1001)}  # more than a page
    grafana.folders["team-uid"] = "Team"
    assert install(grafana, "--folder", name).code == 0
    assert install(grafana, "--folder", name).code == 0

    [folder] = {board.folder for board in grafana.boards.values()}
    assert grafana.folders[folder] == ("A new one" if name == "A new one" else "Team")
    assert len(grafana.folders) == (1003 if name == "A new one" else 1002)


def test_a_change_by_somebody_else_meanwhile_is_not_lost(grafana: FakeGrafana, install: Install) -> None:
    install(grafana)
    grafana.changed_by_somebody("firsttoken-cost", title="Our cost")
    new, old = (
        "PUT /apis/dashboard.grafana.app/v1/namespaces/org-2/dashboards/firsttoken-cost",
        "POST /api/dashboards/db",
    )
    asked = new if grafana.is_new else old

    def meanwhile() -> tuple[int, object]:
        del grafana.answers[asked]
        grafana.changed_by_somebody("firsttoken-cost", title="Their cost")
        return grafana.reply(*given)

    original = grafana.reply
    given: tuple[str, str, str | None, object] = ("", "", None, None)

    def reply(method: str, target: str, token: str | None, body: object) -> tuple[int, object]:
        nonlocal given
        given = (method, target, token, body)
        return original(method, target, token, body)

    grafana.answers[asked] = meanwhile
    grafana.reply = reply  # type: ignore[method-assign]
    answer = install(grafana, "--overwrite")

    assert answer.code == 2
    assert "somebody changed it meanwhile" in answer.err
    assert grafana.boards["firsttoken-cost"].model["title"] == "Their cost"


def test_a_board_that_a_file_provides_is_left(grafana: FakeGrafana, install: Install) -> None:
    install(grafana)
    grafana.boards["firsttoken-cost"].provisioned = True
    grafana.changed_by_somebody("firsttoken-cost", title="Our cost")
    answer = install(grafana, "--overwrite")

    assert (answer.code, grafana.boards["firsttoken-cost"].model["title"]) == (0, "Our cost")
    assert outcomes(answer)["firsttoken-cost"] == "provided"
    assert "comes from a file or another tool" in answer.err


def test_a_dry_run_says_what_would_be_done_and_does_nothing(grafana: FakeGrafana, install: Install) -> None:
    install(grafana, "--for", "prometheus")
    grafana.changed_by_somebody("firsttoken-cost", title="Our cost")
    grafana.asked.clear()
    answer = install(grafana, "--dry-run", "--overwrite", "--folder", "Elsewhere")

    told = outcomes(answer)
    assert (told["firsttoken-cost"], told["firsttoken-calls"]) == ("to replace", "to create")
    assert {line.split()[0] for line in grafana.asked} == {"GET"}
    assert set(grafana.folders.values()) == {"LLM calls"}


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        (["tempo"], {"firsttoken-calls"}),
        (["clickhouse"], {"firsttoken-clickhouse-cost", "firsttoken-clickhouse-latency"}),
    ],
    ids=["tempo", "clickhouse"],
)
def test_the_boards_of_a_store_can_be_chosen(
    one: FakeGrafana, install: Install, chosen: list[str], expected: set[str]
) -> None:
    answer = install(one, *(word for store in chosen for word in ("--for", store)))

    assert (answer.code, set(one.boards)) == (0, expected)
    assert ("no data source of the kind grafana-clickhouse-datasource yet" in answer.err) == (chosen == ["clickhouse"])


def test_boards_that_stand_in_each_others_place_are_not_both_installed(one: FakeGrafana, install: Install) -> None:
    answer = install(one, "--for", "tempo", "--for", "jaeger")

    assert (answer.code, one.boards) == (2, {})
    assert "stand in each other's place: choose one" in answer.err


def test_a_grafana_without_a_data_source_for_any_board_is_told_so(one: FakeGrafana, install: Install) -> None:
    one.sources = {}
    answer = install(one)

    assert (answer.code, one.boards) == (2, {})
    assert "has no data source for these boards" in answer.err


@pytest.mark.parametrize("name", ["Other metrics", "prom-2"])
def test_boards_open_with_the_data_source_that_is_named(one: FakeGrafana, install: Install, name: str) -> None:
    assert install(one, "--datasource", name).code == 0

    variables = one.boards["firsttoken-calls"].model["templating"]["list"]
    opened = {each["query"]: each.get("current") for each in variables if each["type"] == "datasource"}
    assert opened == {"prometheus": {"text": "Other metrics", "value": "prom-2"}, "tempo": None, "loki": None}
    assert set(outcomes(install(one)).values()) == {"unchanged"}


def test_a_data_source_that_is_not_there_is_refused_with_one_that_may_be_meant(
    one: FakeGrafana, install: Install
) -> None:
    answer = install(one, "--datasource", "metric")

    assert (answer.code, one.boards) == (2, {})
    assert "did you mean Metrics" in answer.err
    assert "-- Grafana --" not in install(one, "--datasource", "zzz").err


def test_a_user_may_stand_in_the_address_and_is_never_shown(one: FakeGrafana, ask: Ask) -> None:
    address = one.address.replace("//", "//admin:secret%21@")
    answer = ask("dashboards", "install", "--grafana", f"{address}/")

    assert (answer.code, len(one.boards)) == (0, 7)
    assert "secret" not in answer.out + answer.err


def broken(status: int, said: object) -> Callable[[], tuple[int, object]]:
    return lambda: (status, said)


HTML = "<html>Welcome</html>"
BOARD = "GET /apis/dashboard.grafana.app/v1/namespaces/org-2/dashboards/firsttoken-cost"


@pytest.mark.parametrize(
    ("asked", "reply", "words"),
    [
        ("GET /api/frontend/settings", broken(404, HTML), "is no Grafana (status 404): is a path missing"),
        ("GET /api/frontend/settings", broken(200, HTML), "is no Grafana (status 200)"),
        ("GET /api/frontend/settings", broken(200, []), "is no Grafana (status 200)"),
        ("GET /api/frontend/settings", broken(302, "https://elsewhere/login"), "leads to https://elsewhere/login"),
        ("GET /api/frontend/settings", broken(500, {"message": "down\x1b[2J"}), "with status 500 (down\\x1b[2J)"),
        (BOARD, broken(200, {"metadata": 3}), "is no Grafana"),
        (BOARD, broken(403, {"message": "no"}), "does not let us read a board (no): make one for a service account"),
        (BOARD, broken(502, HTML), "is no Grafana (status 502)"),
    ],
    ids=["no page", "a page", "a list", "a login", "an error", "another board", "forbidden", "a proxy"],
)
def test_what_cannot_be_done_is_one_line(
    one: FakeGrafana, install: Install, asked: str, reply: Callable[[], tuple[int, object]], words: str
) -> None:
    one.answers[asked] = reply
    answer = install(one)

    assert (answer.code, answer.out, one.boards, answer.err.count("\n")) == (2, "", {}, 1)
    assert words in answer.err


def test_a_token_that_may_only_look_is_told_what_it_needs(grafana: FakeGrafana, install: Install) -> None:
    grafana.role = "Viewer"
    answer = install(grafana)

    assert (answer.code, answer.out) == (2, "")
    assert "does not let us make the folder 'LLM calls' (You'll need additional permissions" in answer.err
    assert "role Editor" in answer.err


@pytest.mark.parametrize(
    ("token", "words"),
    [("wrong", "does not accept the token or password"), ("", "wants a token"), ("a b", "characters")],
)
def test_a_token_that_is_wrong_or_missing_is_one_line_without_it(
    one: FakeGrafana, install: Install, token: str, words: str
) -> None:
    answer = install(one, "--token", token)

    assert (answer.code, answer.out, answer.err.count("\n")) == (2, "", 1)
    assert words in answer.err
    assert "wrong" not in answer.err


@pytest.mark.parametrize(
    "address", ["localhost:3000", "ftp://here", "http://", "http://here:99999", "http://here?x=1", "http://h\x1b[2Jere"]
)
def test_what_is_no_address_is_refused(ask: Ask, address: str) -> None:
    answer = ask("dashboards", "install", "--grafana", address)

    assert (answer.code, answer.err.count("\n")) == (2, 1)
    assert "takes the address of a Grafana" in answer.err


def test_a_certificate_that_is_not_trusted_is_one_line_with_the_remedy(
    tmp_path: Path, install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is needed to make a certificate")
    certificate = tmp_path / "both.pem"
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=here -addext subjectAltName=IP:127.0.0.1"
    made = subprocess.run([*command.split(), "-keyout", "-", "-out", "-"], capture_output=True, check=True)
    certificate.write_bytes(made.stdout)
    with running(FakeGrafana(), certificate) as grafana:
        refused = install(grafana)
        assert (refused.code, refused.err.count("\n")) == (2, 1)
        assert "its certificate is not trusted" in refused.err
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert install(grafana).code == 0


def test_a_proxy_is_not_asked_for_a_grafana_on_this_machine(
    one: FakeGrafana, install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)

    assert install(one).code == 0


def test_all_boards_are_listed_and_each_can_be_chosen(ask: Ask) -> None:
    answer = ask("dashboards", "list")

    assert answer.code == 0
    assert all(f"{board.title}  " in answer.out and board.description in answer.out for board in boards())
    assert {board.store for board in boards()} == set(STORES)


def test_files_are_written_once_and_a_changed_one_is_left_until_it_is_to_be_replaced(ask: Ask, tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "wall"
    assert ask("dashboards", "write", str(folder)).code == 0
    assert ask("dashboards", "write", str(folder)).code == 0
    (folder / "grafana" / "cost.json").write_text("{}")
    (folder / "prometheus" / "alerts.yaml").unlink()

    refused = ask("dashboards", "write", str(folder))
    assert (refused.code, refused.err.count("\n")) == (2, 1)
    assert f"other than ours ({folder / 'grafana' / 'cost.json'})" in refused.err
    assert not (folder / "prometheus" / "alerts.yaml").exists()

    assert ask("dashboards", "write", str(folder), "--overwrite").code == 0
    assert json.loads((folder / "grafana" / "cost.json").read_text())["uid"] == "firsttoken-cost"
    assert (folder / "prometheus" / "alerts.yaml").exists()


def test_a_folder_that_cannot_be_made_is_one_line(ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    answer = ask("dashboards", "write", str(tmp_path / "file" / "folder"))

    assert (answer.code, answer.err.count("\n")) == (2, 1)

"""What OpenTelemetry logged is told again without what is secret in it."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from firsttoken.diagnosis import diagnose, kinds
from firsttoken.diagnosis.complaints import LONGEST, heard, listen

SECRET = "long-secret-token"  # noqa: S105  nobody's


@pytest.fixture
def logger() -> Iterator[logging.Logger]:
    """One that is listened to."""
    before = logging.getLogRecordFactory()
    listen()
    try:
        yield logging.getLogger("opentelemetry.exporter.some")
    finally:
        logging.setLogRecordFactory(before)
        heard.clear()


def complaint() -> str:
    (finding,) = (each for each in diagnose(ask_endpoints=False).findings if each.code == kinds.COMPLAINT.code)
    assert finding.facts["message"] in finding.what
    return finding.facts["message"]


def test_a_password_that_stands_before_a_host_is_not_told(logger: logging.Logger) -> None:
    logger.warning("Transient error while exporting traces to me:%s@localhost:4317", SECRET)

    assert complaint() == "Transient error while exporting traces to ***@localhost:4317"


@pytest.mark.parametrize("shown", range(1, len(SECRET)))
def test_no_part_of_a_secret_is_told_where_a_message_is_cut(
    logger: logging.Logger, monkeypatch: pytest.MonkeyPatch, shown: int
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", f"authorization=Bearer%20{SECRET}")
    before = "-" * (LONGEST - len("...") - shown)
    logger.warning("%s%s refused", before, SECRET)

    whole = f"{before}*** refused"
    assert complaint() == (whole if len(whole) <= LONGEST else f"{whole[: LONGEST - len('...')]}...")

"""The local half of one run that belongs to another process, which waits for this run."""

from __future__ import annotations

from firsttoken.analyse import Health, Report
from firsttoken.analyse.reporting import REPORT, ReportOptions
from firsttoken.cli.local_half import settle
from firsttoken.cli.options import PAGE_PORT, Places
from firsttoken.cli.running import RunningServer, ask_status, find_server
from firsttoken.errors import ServerError
from firsttoken.store import Selection


class JoinedHalf:
    """Stays when this run ends."""

    is_ours = False

    def __init__(self, server: RunningServer, http_endpoint: str) -> None:
        """Raises ServerError where the server has just ended."""
        self.http_endpoint = http_endpoint
        self.page_url = server.status.health.page_url
        self._server = server
        self._hold = server.hold()

    def start(self) -> None:
        """Runs already."""

    def report(self, run_id: str) -> Report:
        settle(self.http_endpoint)
        return self._server.answer(REPORT, ReportOptions(selection=Selection(run_id=run_id), also_of_none=True))

    def health(self) -> Health:
        return ask_status(self._server.port).health

    def holders(self) -> int:
        return 0

    def close(self) -> None:
        self._hold.close()


def join_running(places: Places) -> JoinedHalf | None:
    """None where no firsttoken has the page port, or where it keeps another store than the one asked for."""
    server = find_server(PAGE_PORT if places.page_port is None else places.page_port)
    if server is None or (places.store_path is not None and not server.keeps(places.store_path)):
        return None
    endpoint = server.status.health.http_endpoint
    if endpoint is None:
        return None
    try:
        return JoinedHalf(server, endpoint)
    except ServerError:  # it ended between two questions
        return None

"""Grafana's HTTP API, as far as boards are put into a Grafana by it."""

from firsttoken.grafana.connection import Connection
from firsttoken.grafana.install import Installed, install
from firsttoken.grafana.server import DataSource, Server

__all__ = ["Connection", "DataSource", "Installed", "Server", "install"]

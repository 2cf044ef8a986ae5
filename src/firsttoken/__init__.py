"""OpenTelemetry-first observability for LLM calls."""

from firsttoken.instrument import flush, instrument, uninstrument
from firsttoken.settings import Settings

__all__ = ["Settings", "flush", "instrument", "uninstrument"]

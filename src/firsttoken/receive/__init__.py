"""OTLP over gRPC and HTTP -> rows, with limits and back-pressure. Importing this package loads no server."""

from firsttoken.receive.ports import BoundPorts, ServeSettings, bind

__all__ = ["BoundPorts", "ServeSettings", "bind"]

"""Signals -> OTLP: the application's providers where it has some, ours where it has none."""

"""OpenTelemetry-first observability for LLM calls."""

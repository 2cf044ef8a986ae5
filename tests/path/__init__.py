"""The whole path: a real SDK call in a program of its own, over OTLP, to a line of an answer."""

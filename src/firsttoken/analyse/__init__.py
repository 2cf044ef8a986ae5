"""Typed answers over the store."""

"""Boards for Grafana, as code: one module for each."""

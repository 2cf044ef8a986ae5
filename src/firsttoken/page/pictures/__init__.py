"""Views as PNG: what a picture shows is put together here, and drawn in a process of its own."""

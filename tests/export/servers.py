"""Programs that fork workers of their own: gunicorn with its application loaded first, and Celery's pool."""

from __future__ import annotations

from typing import Final

GUNICORN: Final = """
def application(environ, start_response):
    if environ["PATH_INFO"] == "/call":
        ask(client())
    start_response("200 OK", [("content-type", "text/plain")])
    return [str(os.getpid()).encode()]
"""
"""A worker's process id is its answer."""

CELERY: Final = """
import celery

app = celery.Celery("program", broker="filesystem://")
app.conf.broker_transport_options = {
    "data_folder_in": "queue", "data_folder_out": "queue", "control_folder": "control",
}
app.conf.broker_connection_retry_on_startup = True

@app.task
def work():
    ask(client())
"""
SEND: Final = """
import program
for _ in range({number}):
    program.work.delay()
"""

"""Runs first in every Python started below `firsttoken run`, which put this directory on PYTHONPATH.

It does what `opentelemetry-instrument` does, and takes more care of programs that are not ours to observe: an
interpreter without firsttoken runs on in silence, and a `sitecustomize` that this one hides still runs.
The oldest interpreters may meet this file, so it keeps to the oldest syntax.
"""

# pyright: basic
import atexit
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
LARGEST_LIST_BYTES = 65536


def run_hidden():
    """Runs the `sitecustomize` that would have run without us, under its own name."""
    try:
        from importlib.machinery import PathFinder
        from importlib.util import module_from_spec
    except ImportError:
        return
    spec = PathFinder.find_spec("sitecustomize", [entry for entry in sys.path if os.path.abspath(entry) != HERE])
    if spec is not None and spec.loader is not None:
        module = module_from_spec(spec)
        sys.modules["sitecustomize"] = module
        spec.loader.exec_module(module)


def observe():
    """Whether this interpreter has firsttoken. Its own children are instrumented again, once this is done."""
    try:
        from importlib.util import find_spec

        from opentelemetry.instrumentation.auto_instrumentation import initialize
    except ImportError:
        return False
    if find_spec("firsttoken") is None:
        return False
    report_to_doctor()
    atexit.register(tell_losses)  # first, to run when everything was delivered
    before = os.environ.get("PYTHONPATH", "")
    entries = [entry for entry in before.split(os.pathsep) if os.path.abspath(entry) != HERE]
    os.environ["PYTHONPATH"] = os.pathsep.join(entries)  # a process started by instrumentation itself is not observed
    try:
        initialize()
    finally:
        os.environ["PYTHONPATH"] = before
    return True


def report_to_doctor():
    """Has this interpreter say at its end how it stood, below `firsttoken doctor`."""
    folder = os.environ.get("FIRSTTOKEN_DOCTOR_REPORTS")
    if not folder:
        return
    try:
        from firsttoken.diagnosis.leaving import report_at_exit
    except ImportError:
        return  # another version of firsttoken, or one in parts
    report_at_exit(folder)


def tell(observed):
    """Adds this interpreter to the list that explains why a run saw no calls."""
    add({"executable": sys.executable, "observed": observed, "path": sys.path})


def tell_losses():
    """Adds what this process could not deliver."""
    module = sys.modules.get("firsttoken.losses")
    if module is not None and module.losses:
        add({"lost": [[what, reason, number] for (what, reason), number in module.losses.items()]})


def add(told):
    """One line to the list of the run, where there is one."""
    path = os.environ.get("FIRSTTOKEN_RUN_PYTHONS")
    if not path:
        return
    line = json.dumps(told) + "\n"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND)
        try:
            if os.fstat(descriptor).st_size < LARGEST_LIST_BYTES:
                os.write(descriptor, line.encode("utf-8"))
        finally:
            os.close(descriptor)
    except OSError:
        return  # the run is over, or this program may not write there


try:
    run_hidden()
finally:
    tell(observe())

"""A certificate authority of this machine, and what it vouches for. They are good for a day."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Certificate:
    certificate: Path
    key: Path


def authority(folder: Path, name: str = "authority") -> Certificate:
    return _made(folder, name, "-addext", "keyUsage=critical,keyCertSign")


def certificate(folder: Path, name: str, issuer: Certificate) -> Certificate:
    """For programs that listen on, or come from, 127.0.0.1."""
    named = ("-addext", "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=critical,CA:false")
    return _made(folder, name, *named, "-CA", str(issuer.certificate), "-CAkey", str(issuer.key))


def _made(folder: Path, name: str, *options: str) -> Certificate:
    made = Certificate(folder / f"{name}.crt", folder / f"{name}.key")
    kind = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc", "-days", "1", "-subj", f"/CN={name}")
    files = ("-keyout", str(made.key), "-out", str(made.certificate))
    subprocess.run(["openssl", "req", "-x509", *kind, *files, *options], check=True, capture_output=True)
    return made

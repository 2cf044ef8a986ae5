"""The SDKs: which are installed, and which are observed."""

from __future__ import annotations

import importlib
import importlib.metadata
import sys
from collections.abc import Iterator, Mapping
from typing import Final

from packaging.requirements import Requirement
from packaging.version import Version

from firsttoken.diagnosis import kinds
from firsttoken.diagnosis.finding import Finding, listed
from firsttoken.diagnosis.others import (
    DISABLED,
    disabled_instrumentations,
    http_spans,
    other_tracers,
    traced_frameworks,
)
from firsttoken.diagnosis.wrappers import authors, chain
from firsttoken.instrumentation import PATCHES
from firsttoken.observe.patch import Patch, definers

broken: Final[dict[str, str]] = {}
"""SDKs that could not be imported by `import_sdks`, and why."""


def import_sdks() -> None:
    """Imports those that are installed, so that whatever waits for them has happened."""
    for name, patch in PATCHES.items():
        if _version(name) is None:
            continue
        try:
            importlib.import_module(patch.sdk.module)
        except Exception as error:  # noqa: BLE001  a package of somebody else, which may be broken in any way
            broken[name] = f"{type(error).__name__}: {error}".strip().partition("\n")[0].rstrip(". ")


def uses_an_sdk() -> bool:
    """Whether this process has imported one."""
    return any(patch.sdk.module in sys.modules for patch in PATCHES.values())


def sdk_findings(environ: Mapping[str, str]) -> Iterator[Finding]:
    versions = {name: _version(name) for name in PATCHES}
    if not any(versions.values()) and not uses_an_sdk():
        yield kinds.NO_SDK.found()
        return
    for name, version in versions.items():
        patch = PATCHES[name]
        if version is None and patch.sdk.module not in sys.modules:
            yield kinds.SDK_MISSING.found(sdk=name)
            continue
        yield _standing(patch, version or "of unknown version", environ)
        yield from _untested(name, version)
        yield from _lost_seams(patch)
        yield from other_tracers(patch, environ)
    yield from traced_frameworks()
    yield from http_spans()


def _standing(patch: Patch, version: str, environ: Mapping[str, str]) -> Finding:
    sdk = patch.sdk
    name = sdk.distribution
    if name in broken:
        return kinds.SDK_BROKEN.found(sdk=name, version=version, reason=broken[name])
    if version[:1].isdecimal() and Version(version) < Version(sdk.oldest):
        return kinds.SDK_TOO_OLD.found(sdk=name, version=version, oldest=sdk.oldest)
    if patch.seam is None:
        if (word := _disabling_word(name, environ)) is not None:
            return kinds.SDK_SWITCHED_OFF.found(sdk=name, version=version, variable=DISABLED, word=word)
        return kinds.SDK_UNOBSERVED.found(sdk=name, version=version)
    return _on(patch, version, only_adapted=patch.seam.only_adapted)


def _on(patch: Patch, version: str, *, only_adapted: bool) -> Finding:
    """How an SDK stands that somebody wants to have observed."""
    sdk = patch.sdk
    if patch.places and only_adapted:
        return kinds.SDK_ADAPTED.found(sdk=sdk.distribution, version=version)
    if patch.places:
        return kinds.SDK_OBSERVED.found(sdk=sdk.distribution, version=version, places=_places(patch))
    kind = kinds.SEAM_UNKNOWN if sdk.module in sys.modules else kinds.SDK_AWAITED
    return kind.found(sdk=sdk.distribution, version=version)


def _disabling_word(name: str, environ: Mapping[str, str]) -> str | None:
    words = disabled_instrumentations(environ)
    return next((word for word in ("*", f"firsttoken-{name}") if word in words), None)


def _untested(name: str, version: str | None) -> Iterator[Finding]:
    """The versions that our own package asks for are those that are tested."""
    for requirement in map(Requirement, importlib.metadata.requires("firsttoken") or ()):
        if (
            requirement.name == name
            and version is not None
            and not requirement.specifier.contains(version, prereleases=True)
        ):
            if Version(version) >= Version(PATCHES[name].sdk.oldest):
                yield kinds.SDK_UNTESTED.found(sdk=name, version=version, tested=requirement.specifier)
            return


def _places(patch: Patch) -> str:
    """Our wrappers by name, the last put on first: those are the methods by which calls go."""
    return listed((_place(owner, name) for owner, name, _ in reversed(patch.places)), most=2)


def _place(owner: object, name: str) -> str:
    return f"{owner.__name__}.{name}" if isinstance(owner, type) else name


def _lost_seams(patch: Patch) -> Iterator[Finding]:
    """Where calls pass that do not come by a wrapper of ours."""
    ours = {id(wrapper) for _, _, wrapper in patch.places}
    places = {(owner, name) for owner, name, _ in patch.places}
    below = {(one, name) for owner, name in places if isinstance(owner, type) for one in definers(owner, name)}
    for owner, name in sorted(places | below, key=str):
        standing = vars(owner).get(name)
        passes_ours = any(id(layer) in ours for layer in (standing, *chain(standing)))
        if not passes_ours and ((owner, name) in places or _ends_in(standing, patch.sdk.module)):
            yield kinds.SEAM_LOST.found(who=next(authors(standing), "Somebody"), place=_place(owner, name))


def _ends_in(function: object, module: str) -> bool:
    """Whether it was put around a function of that module, and not written in a class of its own, which calls ours."""
    all_authors = list(authors(function))
    return len(all_authors) > 1 and all_authors[-1] == module


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None

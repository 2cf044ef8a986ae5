"""What Kubernetes is told, as kustomize makes it of the files, and what a container would see of that."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from e2e.programs import CONFIGURATIONS, built
from e2e.testbed.manifests import MANIFESTS

Manifest = Mapping[str, Any]
ASKED = re.compile(r"\$\{env:(\w+)(:-)?")
REFERENCE = re.compile(r"\$\((\w+)\)")


def rendered(folder: Path = CONFIGURATIONS) -> list[Manifest]:
    command = [built(MANIFESTS, "kustomize"), "build", folder]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return list(yaml.safe_load_all(done.stdout))


def mistakes(manifest: Manifest) -> list[str]:
    """What Kubernetes would not understand, unknown members among it."""
    group, _, version = manifest["apiVersion"].rpartition("/")
    name = "-".join(filter(None, (manifest["kind"].lower(), group.split(".")[0], version)))
    return [error.message for error in Draft202012Validator(_schema(name), registry=_registry()).iter_errors(manifest)]


def _schema(name: str) -> Any:
    return json.loads((built(MANIFESTS, "schemas") / f"{name}.json").read_text())


@cache
def _registry() -> Registry[Any]:
    def retrieve(uri: str) -> Resource[Any]:
        return Resource.from_contents(_schema(Path(uri).stem), default_specification=DRAFT202012)

    return Registry(retrieve=retrieve)  # type: ignore[call-arg]


@dataclass(frozen=True, slots=True)
class Pod:
    """The one container that a workload has, and what its manifests give it."""

    workload: Manifest
    manifests: list[Manifest]

    @property
    def spec(self) -> Manifest:
        return self.workload["spec"]["template"]["spec"]

    @property
    def container(self) -> Manifest:
        [only] = self.spec["containers"]
        return only

    @property
    def environment(self) -> dict[str, str]:
        """A secret's value stands there as `secret`."""
        found: dict[str, str] = {}
        for source in self.container.get("envFrom", ()):
            found |= self.named("ConfigMap", source["configMapRef"]["name"])["data"]
        for each in self.container["env"]:
            if "fieldRef" in each.get("valueFrom", {}):
                found[each["name"]] = self.workload["metadata"]["namespace"]
            else:
                found[each["name"]] = REFERENCE.sub(lambda name: found[name[1]], each.get("value", "secret"))
        return found

    @property
    def referred_to(self) -> set[str]:
        """Variables that others are made of."""
        return {name for each in self.container["env"] for name in REFERENCE.findall(each.get("value", ""))}

    @property
    def configurations(self) -> dict[str, str]:
        """The text of each file that its arguments name."""
        [name] = [each["configMap"]["name"] for each in self.spec["volumes"] if "configMap" in each]
        there = self.named("ConfigMap", name)["data"]
        files = [word.removeprefix("--config=/etc/otelcol/") for word in self.container["args"]]
        return {file: there[file] for file in files}

    @property
    def mounted(self) -> set[str]:
        return {each["mountPath"] for each in self.container["volumeMounts"]}

    def asked(self) -> Iterator[tuple[str, bool]]:
        """Each variable that its configurations read, and whether they have a value for it themselves."""
        for text in self.configurations.values():
            lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
            yield from ((name, bool(default)) for name, default in ASKED.findall("\n".join(lines)))

    def named(self, kind: str, name: str) -> Manifest:
        [found] = [each for each in self.manifests if (each["kind"], each["metadata"]["name"]) == (kind, name)]
        return found

"""What says whether manifests are right: kustomize, the Compose Specification's own loader, and Kubernetes' schemas."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from scripts.emitters_folder import installing

from e2e.testbed.cache import Component
from e2e.testbed.commands import GO, run

KUSTOMIZE: Final = "sigs.k8s.io/kustomize/kustomize/v5@v5.8.2"
COMPOSE: Final = "github.com/compose-spec/compose-go/v2/cmd@v2.16.2"
SCHEMAS: Final = "kubernetes-validate==1.37.0"
VERSION: Final = "v1.37.0"


def _build(folder: Path) -> None:
    for module in (KUSTOMIZE, COMPOSE):
        run(["go", "install", module], folder, **GO, GOBIN=str(folder))
    (folder / "cmd").rename(folder / "compose")
    package = folder / "package"
    run(installing(package, SCHEMAS), folder)
    schemas = package / "kubernetes_validate" / "kubernetes-json-schema" / f"{VERSION}-local-strict"
    schemas.rename(folder / "schemas")
    shutil.rmtree(package)


MANIFESTS: Final = Component("manifests", (KUSTOMIZE, COMPOSE, SCHEMAS, VERSION, *GO.values()), _build)
"""Its programs are `kustomize` and `compose`; `schemas` has a file for each kind, strict about members."""

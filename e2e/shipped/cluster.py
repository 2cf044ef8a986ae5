"""The agent and the gateways of kubernetes/ without Kubernetes: with the variables that the manifests give them, but
for addresses, and for waits that nobody has patience for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from e2e.certificates import authority, certificate
from e2e.gateway import Gateway, gateway
from e2e.programs import collector, free_ports
from e2e.scaled import AT_ONCE
from e2e.shipped.manifests import Manifest, Pod

FILES = {"StatefulSet": ["gateway.yaml", "gateway-scaled.yaml"], "DaemonSet": ["agent.yaml"]}


@dataclass(frozen=True, slots=True)
class Cluster:
    gateways: tuple[Gateway, ...]
    otlp_port: int
    """Of the agent."""
    own_metrics_port: int


@contextmanager
def cluster(manifests: list[Manifest], binary: Path, folder: Path, gateways: int = 1, **more: str) -> Iterator[Cluster]:
    """`more` are variables of the gateways."""
    vouching = authority(folder)
    shown = certificate(folder, "gateway", vouching)
    (folder / "token").write_text("secret")
    files = {
        "ca.crt": vouching.certificate,
        "tls.crt": shown.certificate,
        "tls.key": shown.key,
        "token": folder / "token",
    }
    gates = tuple(gateway(binary, folder / f"gateway-{number}", **(AT_ONCE | more)) for number in range(gateways))
    grpc, http, health, own_metrics = free_ports(4)
    named = ", ".join(f"'127.0.0.1:{gate.grpc}'" for gate in gates)
    elsewhere = {
        "GATEWAYS": f"{{static: {{hostnames: [{named}]}}}}",
        "OTLP_GRPC_LISTEN": f"127.0.0.1:{grpc}",
        "OTLP_HTTP_LISTEN": f"127.0.0.1:{http}",
        "HEALTH_LISTEN": f"127.0.0.1:{health}",
        "OWN_METRICS_PORT": str(own_metrics),
    }

    def told(kind: str) -> dict[str, str]:
        [workload] = [each for each in manifests if each["kind"] == kind]
        variables = Pod(workload, manifests).environment
        return {name: str(files.get(PurePosixPath(value).name, value)) for name, value in variables.items()}

    with ExitStack() as undo:
        for gate in gates:
            gate.folder.mkdir()
            undo.enter_context(collector(binary, FILES["StatefulSet"], told("StatefulSet") | gate.environment))
        undo.enter_context(collector(binary, FILES["DaemonSet"], told("DaemonSet") | elsewhere))
        yield Cluster(gates, grpc, own_metrics)

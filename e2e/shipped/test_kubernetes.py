"""The manifests: what Kubernetes understands, and what fits to each other and to the configurations."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path, PurePosixPath
from textwrap import dedent

import pytest
import yaml

from e2e.application import FAILED, application
from e2e.programs import CONFIGURATIONS, ROOT, built
from e2e.shipped.cluster import FILES, cluster
from e2e.shipped.manifests import Pod, mistakes, rendered
from e2e.sink import grpc_sink
from e2e.testbed.debian import DEBIAN
from firsttoken.provided import configurations, text_of

pytestmark = pytest.mark.timeout(900)

OF_GO = {"GOMEMLIMIT"}
"""What Go's runtime reads."""
PAGE = (ROOT / "docs" / "collector" / "kubernetes.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def manifests():
    return rendered()


@pytest.fixture(params=FILES)
def pod(request, manifests):
    [workload] = of_kind(manifests, request.param)
    return Pod(workload, manifests)


def of_kind(manifests, *kinds):
    return [each for each in manifests if each["kind"] in kinds]


def test_kubernetes_understands_every_manifest_and_every_member_of_it(manifests):
    told = {f"{each['kind']} {each['metadata']['name']}": mistakes(each) for each in manifests}

    assert len(told) == 15
    assert [name for name, found in told.items() if found] == [], told


def test_a_member_that_kubernetes_does_not_know_would_be_noticed(manifests):
    [workload] = of_kind(manifests, "DaemonSet")
    assert mistakes({**workload, "spec": {**workload["spec"], "replica": 3}}) != []
    assert mistakes({**workload, "spec": {**workload["spec"], "minReadySeconds": "soon"}}) != []


def test_every_manifest_is_in_the_namespace_and_none_is_a_secret(manifests):
    assert {each["metadata"].get("namespace") for each in manifests if each["kind"] != "Namespace"} == {"observability"}
    assert of_kind(manifests, "Secret") == []


def test_the_configurations_are_the_files_themselves(pod):
    assert list(pod.configurations) == FILES[pod.workload["kind"]]
    for name, text in pod.configurations.items():
        assert text == (CONFIGURATIONS / name).read_text(encoding="utf-8")


def test_every_variable_that_is_required_is_set_and_none_that_nobody_reads(pod):
    asked = dict(pod.asked())
    required = {name for name, _ in pod.asked()} - {name for name, has_value in pod.asked() if has_value}

    assert required - set(pod.environment) == set()
    assert set(pod.environment) - set(asked) - OF_GO - pod.referred_to == set()
    assert len(required) >= 1


def test_the_collector_accepts_the_configurations_with_these_variables(pod, collector_binary, tmp_path):
    for name, text in pod.configurations.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    arguments = [word.replace("/etc/otelcol", str(tmp_path)) for word in pod.container["args"]]
    done = subprocess.run(
        [collector_binary, "validate", *arguments],
        env={"PATH": os.environ["PATH"], **pod.environment, "QUEUE_FOLDER": str(tmp_path / "queue")},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")


def test_a_pod_may_do_nothing_that_it_need_not(pod, manifests):
    [namespace] = of_kind(manifests, "Namespace")
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    assert pod.container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert pod.spec["securityContext"]["runAsNonRoot"] is True
    assert pod.spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert {"hostNetwork", "hostPID", "hostIPC"}.isdisjoint(pod.spec)
    assert not [port for port in pod.container["ports"] if "hostPort" in port]
    assert not [volume for volume in pod.spec["volumes"] if "hostPath" in volume]


def test_only_the_agent_asks_kubernetes_and_only_for_gateways(manifests):
    asking = [each for each in of_kind(manifests, *FILES) if Pod(each, manifests).spec.get("serviceAccountName")]
    assert [each["kind"] for each in asking] == ["DaemonSet"]
    [role], [binding] = of_kind(manifests, "Role"), of_kind(manifests, "RoleBinding")
    assert role["rules"] == [
        {"apiGroups": ["discovery.k8s.io"], "resources": ["endpointslices"], "verbs": ["get", "list", "watch"]}
    ]
    assert binding["roleRef"]["name"] == role["metadata"]["name"]
    assert binding["subjects"] == [{"kind": "ServiceAccount", "name": "agent", "namespace": "observability"}]


def test_go_knows_its_limit_of_memory(pod):
    limit = re.fullmatch(r"(\d+)(Mi|Gi)", pod.container["resources"]["limits"]["memory"])
    mebibytes = int(limit[1]) * {"Mi": 1, "Gi": 1024}[limit[2]]

    assert pod.environment["GOMEMLIMIT"] == f"{mebibytes * 8 // 10}MiB"


def test_every_file_that_a_variable_names_is_below_a_mount(pod):
    named = [PurePosixPath(value) for value in pod.environment.values() if value.startswith("/")]

    assert named
    assert [path for path in named if not any(str(parent) in pod.mounted for parent in path.parents)] == []
    there = {each["name"] for each in pod.spec["volumes"]}
    there |= {each["metadata"]["name"] for each in pod.workload["spec"].get("volumeClaimTemplates", ())}
    assert {each["name"] for each in pod.container["volumeMounts"]} == there


def test_the_ports_are_those_that_the_configuration_listens_on(pod):
    listens: set[int] = set()
    for name, default in re.findall(
        r"\$\{env:(\w+_(?:LISTEN|PORT)):-([\d.:]+)\}", "".join(pod.configurations.values())
    ):
        host, _, port = pod.environment.get(name, default).rpartition(":")
        if host != "127.0.0.1" and name != "PROMETHEUS_LISTEN":  # the exporter that METRICS_EXPORTER did not choose
            listens.add(int(port))

    assert {port["containerPort"] for port in pod.container["ports"]} == listens
    assert pod.environment.get("OWN_METRICS_HOST", "0.0.0.0") == "0.0.0.0"
    assert pod.environment.get("METRICS_EXPORTER") is None


def test_whatever_names_a_port_or_pods_finds_them(manifests):
    pods = {each["metadata"]["name"]: Pod(each, manifests) for each in of_kind(manifests, *FILES)}

    def chosen(selector) -> Pod:
        return pods[selector["app.kubernetes.io/name"]]

    def ports(pod: Pod) -> set[str]:
        return {port["name"] for port in pod.container["ports"]}

    for service in of_kind(manifests, "Service"):
        assert {port["targetPort"] for port in service["spec"]["ports"]} <= ports(chosen(service["spec"]["selector"]))
    for policy in of_kind(manifests, "NetworkPolicy"):
        named = {port["port"] for rule in policy["spec"]["ingress"] for port in rule["ports"]}
        assert named <= ports(chosen(policy["spec"]["podSelector"]["matchLabels"]))
    for pod in pods.values():
        assert (
            pod.workload["spec"]["selector"]["matchLabels"].items()
            <= pod.workload["spec"]["template"]["metadata"]["labels"].items()
        )
        for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
            assert pod.container[probe]["httpGet"]["port"] == "health"
    [budget], [scaler] = of_kind(manifests, "PodDisruptionBudget"), of_kind(manifests, "HorizontalPodAutoscaler")
    assert chosen(budget["spec"]["selector"]["matchLabels"]) is pods["gateway"]
    assert scaler["spec"]["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "gateway"}
    assert "replicas" not in pods["gateway"].workload["spec"]


def test_agents_ask_for_the_gateways_by_names_that_their_certificate_can_have(manifests):
    [gateway], [agent] = of_kind(manifests, "StatefulSet"), of_kind(manifests, "DaemonSet")
    service = Pod(gateway, manifests).named("Service", gateway["spec"]["serviceName"])
    resolver = Pod(agent, manifests).environment["GATEWAYS"]

    assert resolver == "{k8s: {service: gateways.observability, ports: [4317], return_hostnames: true}}"
    assert (service["metadata"]["name"], service["spec"]["clusterIP"]) == ("gateways", "None")
    assert service["spec"]["publishNotReadyAddresses"] is True


def test_a_call_passes_from_agent_to_gateway_with_the_token_and_the_authority_that_they_are_given(
    manifests, collector_binary, tmp_path
):
    with cluster(manifests, collector_binary, tmp_path) as up:
        [gate] = up.gateways
        with grpc_sink(gate.traces) as traces, application(f"127.0.0.1:{up.otlp_port}", "shop") as app:
            app.call(FAILED)
            app.send()
            assert traces.wait_for("spans") == ["chat claude-sonnet-5"]


def test_what_the_command_writes_is_the_same(manifests, tmp_path):
    for name in configurations()["kubernetes"].files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text_of(name), encoding="utf-8")

    assert rendered(tmp_path / "collector-config") == manifests


def test_the_versions_are_those_of_the_composition(pod):
    composition = Path(CONFIGURATIONS / "docker-compose.yaml").read_text()

    assert f"image: {pod.container['image']}\n" in composition


def shown(language, word) -> str:
    """The block of the page that has the word."""
    blocks = re.findall(rf"^ *```{language}\n(.*?)^ *```$", PAGE, re.MULTILINE | re.DOTALL)
    [block] = [block for block in blocks if word in block]
    return dedent(block)


def test_the_page_makes_a_certificate_for_every_gateway(tmp_path):
    subprocess.run(["bash", "-ec", shown("sh", "openssl req")], cwd=tmp_path, capture_output=True, check=True)
    for name, expected in (("gateway-11.gateways.observability", 0), ("gateway-0.elsewhere", 2)):
        verify = ["openssl", "verify", "-CAfile", "ca.crt", "-verify_hostname", name, "tls.crt"]
        assert subprocess.run(verify, cwd=tmp_path, capture_output=True, check=False).returncode == expected


def test_the_page_says_how_back_ends_are_changed_from_outside(tmp_path):
    (tmp_path / "wall").mkdir()
    (tmp_path / "wall" / "collector-config").symlink_to(CONFIGURATIONS)
    (tmp_path / "kustomization.yaml").write_text(shown("yaml", "behavior: merge"), encoding="utf-8")
    changed = rendered(tmp_path)
    [workload] = of_kind(changed, "StatefulSet")
    environment = Pod(workload, changed).environment

    assert environment["TRACES_ENDPOINT"] == "https://tempo.example.com:4317"
    assert environment["LOGS_ENDPOINT"] == "http://loki.monitoring.svc:3100/otlp/v1/logs"


def test_prometheus_accepts_what_the_page_tells_it(tmp_path):
    file = tmp_path / "prometheus.yaml"
    file.write_text(shown("yaml", "scrape_configs"), encoding="utf-8")
    promtool = [built(DEBIAN, "usr/bin/promtool"), "check", "config", file]
    done = subprocess.run(promtool, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


def test_an_application_sends_to_the_service_of_the_agents(manifests):
    variables = yaml.safe_load(shown("yaml", "OTEL_EXPORTER_OTLP_ENDPOINT"))["env"]
    [endpoint] = [each["value"] for each in variables if each["name"] == "OTEL_EXPORTER_OTLP_ENDPOINT"]
    agents = next(each for each in of_kind(manifests, "Service") if each["metadata"]["name"] == "agents")

    assert endpoint == "http://agents.observability:4317"
    assert agents["spec"]["internalTrafficPolicy"] == "Local"
    assert 4317 in {port["port"] for port in agents["spec"]["ports"]}

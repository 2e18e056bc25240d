"""What the app is served with (unit, image, compose file): what they name is there and fits together."""

import json
import re
import shutil
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import healthy
import pytest
import set_up
import yaml
from debian_packages import go_without
from streamlit import config

from mnist_app.settings import PROJECT
from mnist_app.ui.server.start_settings import WRONG_SETTING
from mnist_app.workspace.runs.leases import PATIENCE

DEPLOY = PROJECT / "deploy"
STOP_SECONDS = 10
HEALTHY = ["python", "tools/healthy.py", str(set_up.DEFAULT_PORT)]


def unit() -> dict[str, list[str]]:
    """The values of each key of the systemd unit."""
    lines = (DEPLOY / "mnist-app.service").read_text(encoding="utf-8").splitlines()
    pairs = [line.split("=", 1) for line in lines if re.match(r"\w+=", line)]
    return {key: [value for name, value in pairs if name == key] for key, _ in pairs}


def image() -> dict[str, list[str]]:
    """The instructions of the Dockerfile, what continues on another line put together."""
    text = (PROJECT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    pairs = [line.split(" ", 1) for line in text.splitlines() if re.match(r"[A-Z]+ ", line)]
    return {key: [value for name, value in pairs if name == key] for key, _ in pairs}


def assignments(lines: list[str]) -> dict[str, str]:
    return dict(word.split("=", 1) for line in lines for word in line.split())


def compose(name: str = "compose.yml") -> dict[str, Any]:
    """Return the contents of a compose file."""
    contents: dict[str, Any] = yaml.safe_load((DEPLOY / name).read_text(encoding="utf-8"))
    return contents


def known_settings() -> set[str]:
    """The environment's variables that the app reads."""
    return set(
        re.findall(r"MNIST_APP_[A-Z_]*[A-Z]", (PROJECT / "mnist_app/settings.py").read_text(encoding="utf-8"))
    )


def settings_of_streamlit() -> set[str]:
    """The variables that Streamlit takes its options from."""
    return {option.env_var for option in config.get_config_options().values()}


def test_a_streamlit_setting_in_the_table_is_one_and_its_default_in_docker_is_streamlit_s() -> None:
    named = {each for each in settings_in_the_table() if each.startswith("STREAMLIT_")}
    assert named <= settings_of_streamlit()
    passed = compose()["services"]["app"]["environment"]
    for option in config.get_config_options().values():
        if option.env_var in named & set(passed):
            (default,) = re.findall(r"^\$\{\w+:-(.*)\}$", passed[option.env_var])
            assert default == ("" if option.default_val == [] else str(option.default_val))


def settings_in_the_table() -> set[str]:
    """The settings that a technician is told of, except those that only `make` uses."""
    text = page("for-technicians.md").partition("\n## Settings\n")[2].partition("\n## ")[0]
    return set(re.findall(r"^\| `([A-Z_]+)` \|", text, flags=re.MULTILINE)) - {
        "MNIST_APP_PENDIGITS",
        "MNIST_APP_UNIPEN",
    }


# systemd


def test_the_unit_starts_what_is_there() -> None:
    service = unit()
    (folder,), (command,) = service["WorkingDirectory"], service["ExecStart"]
    python, script, argument = command.split()
    assert Path(python) == set_up.python_of(Path(folder) / ".venv")
    assert (PROJECT / script).samefile(set_up.__file__)
    assert argument == "run"


def test_the_unit_is_not_root_and_keeps_its_data_where_it_may_write() -> None:
    service, environment = unit(), assignments(unit()["Environment"])
    assert service["User"] == ["mnist-app"] and service["ProtectSystem"] == ["strict"]
    assert environment["MNIST_APP_HOME"] == f"/var/lib/{service['StateDirectory'][0]}"
    assert environment["KERAS_HOME"].startswith(environment["MNIST_APP_HOME"])
    assert {name for name in environment if name.startswith("MNIST_APP_")} <= known_settings()
    assert set_up.port_from(environment) == set_up.DEFAULT_PORT


def test_the_unit_has_its_ten_seconds_and_tells_the_server_alone() -> None:
    service = unit()
    assert service["TimeoutStopSec"] == [str(STOP_SECONDS)]
    assert service["KillMode"] == ["mixed"] and "KillSignal" not in service  # SIGTERM


def test_the_unit_lets_the_server_have_as_many_connections_as_technicians_are_told() -> None:
    (most,) = unit()["LimitNOFILE"]
    assert f"{int(most):,} connections" in page("for-technicians.md")


def test_the_unit_does_not_start_a_server_again_that_has_a_wrong_setting() -> None:
    assert unit()["RestartPreventExitStatus"] == [str(WRONG_SETTING)]


def test_every_setting_reaches_the_unit_from_its_file() -> None:
    service = unit()
    (file,) = service["EnvironmentFile"]
    assert f"`{file.removeprefix('-')}`" in page("for-technicians.md")
    # Variables of the file win over these, which are defaults.
    assert set(assignments(service["Environment"])) - {"STREAMLIT_SERVER_HEADLESS"} <= settings_in_the_table()
    assert not {"PassEnvironment", "UnsetEnvironment", "ExecStartPre"} & set(service)


def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("There is no systemd-analyze here.")
    text = (DEPLOY / "mnist-app.service").read_text(encoding="utf-8")
    program = tmp_path / "app" / ".venv" / "bin" / "python"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n", encoding="utf-8")
    program.chmod(0o755)
    copy = tmp_path / "mnist-app.service"
    copy.write_text(text.replace("/opt/mnist-app", str(tmp_path / "app")), encoding="utf-8")
    answer = subprocess.run([analyze, "verify", str(copy)], capture_output=True, text=True, check=False)
    assert (answer.returncode, answer.stderr) == (0, "")


# Docker


def test_the_image_copies_and_starts_what_is_there() -> None:
    instructions = image()
    for line in instructions["COPY"]:
        assert all((PROJECT / source).exists() for source in line.split()[:-1])
    assert json.loads(instructions["CMD"][0]) == ["python", "tools/set_up.py", "run"]
    ignored = (PROJECT / ".dockerignore").read_text(encoding="utf-8").split()
    assert not {"tools/", "deploy/", "assets/", "mnist_app/", "mnist.npz"} & set(ignored)


def test_the_image_is_not_root_and_says_whether_it_is_healthy() -> None:
    instructions, environment = image(), assignments(image()["ENV"])
    assert instructions["USER"] == ["mnist-app"]
    assert instructions["VOLUME"] == [environment["MNIST_APP_HOME"]]
    check = re.search(r"CMD (\[.*\])", instructions["HEALTHCHECK"][0])
    assert check and json.loads(check[1]) == HEALTHY
    assert (PROJECT / "tools" / "healthy.py").is_file()


def test_the_compose_file_fits_the_image() -> None:
    file, instructions = compose(), image()
    service = file["services"]["app"]
    assert (DEPLOY / service["build"] / "Dockerfile").is_file()
    volume, _, folder = service["volumes"][0].partition(":")
    assert volume in file["volumes"] and [folder] == instructions["VOLUME"]
    volume, _, folder = service["volumes"][1].partition(":")
    assert volume in file["volumes"] and f"chown mnist-app /data /files {folder}" in instructions["RUN"][-1]
    assert service["ports"][0].endswith(f":{instructions['EXPOSE'][0]}")
    assert instructions["EXPOSE"] == [str(set_up.DEFAULT_PORT)]
    assert service["healthcheck"]["test"] == ["CMD", *HEALTHY]
    assert service["stop_grace_period"] == f"{STOP_SECONDS}s"
    assert set(service["environment"]) <= known_settings() | settings_of_streamlit()


@pytest.mark.parametrize(
    ("file", "name", "made_by_the_file"),
    [
        ("compose.yml", "app", set()),
        ("compose-several.yml", "app-1", {"MNIST_APP_DATABASE"}),
        ("compose-several.yml", "app-2", {"MNIST_APP_DATABASE"}),
    ],
)
def test_every_setting_reaches_each_server_in_docker(
    file: str, name: str, made_by_the_file: set[str]
) -> None:
    environment = compose(file)["services"][name]["environment"]
    passed = {each for each, value in environment.items() if value.startswith(f"${{{each}:-")}
    of_the_image = set(assignments(image()["ENV"]))
    published = {"PORT"}  # the port outside the container
    assert made_by_the_file <= set(environment)
    assert settings_in_the_table() - of_the_image - published - made_by_the_file <= passed


def test_the_compose_file_of_several_fits_the_image_and_itself() -> None:
    file, instructions = compose("compose-several.yml"), image()
    services = file["services"]
    assert {"proxy", "app-1", "app-2", "database", "ray-head", "ray-worker"} == set(services)
    build = services["app-1"]["build"]
    assert (DEPLOY / build["context"] / "Dockerfile").is_file() and f"{[*build['args']][0]}=" in instructions[
        "ARG"
    ]
    assert re.search(r"requirements-cluster\.lock", " ".join(instructions["RUN"]))
    assert (PROJECT / "requirements-cluster.lock").is_file()
    written_to = {*instructions["VOLUME"], "/files"}
    assert all(folder in " ".join(instructions["RUN"]) for folder in written_to)
    for name, service in services.items():
        assert set(service.get("depends_on", [])) <= set(services)
        volumes = dict(volume.split(":")[:2] for volume in service.get("volumes", []))
        assert all(place in file["volumes"] or (DEPLOY / place).is_file() for place in volumes)
        if service["image"] == services["app-1"]["image"]:
            assert set(volumes.values()) == written_to
            assert {each for each in service["environment"] if each.startswith("MNIST")} <= known_settings()
            assert service["environment"]["MNIST_APP_FILES"] == "/files"
        if name.startswith("app"):
            assert service["healthcheck"]["test"] == ["CMD", *HEALTHY]
            assert service["stop_grace_period"] == f"{STOP_SECONDS}s"
            assert f"{name}:{instructions['EXPOSE'][0]}" in services["proxy"]["environment"].values()
    database = services["database"]["environment"]
    address = services["app-1"]["environment"]["MNIST_APP_DATABASE"]
    assert (
        f"//{database['POSTGRES_USER']}:{database['POSTGRES_PASSWORD']}@database/{database['POSTGRES_DB']}"
        in address
    )


def test_the_nodes_of_the_cluster_find_its_head() -> None:
    services = compose("compose-several.yml")["services"]
    head, worker = (services[name]["command"] for name in ("ray-head", "ray-worker"))
    client = services["app-1"]["environment"]["MNIST_APP_CLUSTER"]
    (port,) = [word.partition("=")[2] for word in head if word.startswith("--ray-client-server-port=")]
    assert client == f"ray://ray-head:{port}"
    (port,) = [word.partition("=")[2] for word in head if word.startswith("--port=")]
    assert f"--address=ray-head:{port}" in worker
    assert all("--disable-usage-stats" in command and "--block" in command for command in (head, worker))


def test_the_cluster_asks_for_a_token_that_servers_and_nodes_have_and_nobody_ships() -> None:
    services = compose("compose-several.yml")["services"]
    for name in ("ray-head", "ray-worker", "app-1", "app-2"):
        assert services[name]["environment"]["RAY_AUTH_MODE"] == "token"
        assert services[name]["environment"]["RAY_AUTH_TOKEN"] == "${RAY_AUTH_TOKEN:?}", "it must be told"
    for text in (page("several-machines.md"), page("training-on-a-cluster.md")):
        assert "RAY_AUTH_TOKEN" in text


# The proxy


def test_the_servers_of_several_trust_the_proxy_and_nothing_else() -> None:
    file = compose("compose-several.yml")
    address = ip_address(file["services"]["proxy"]["networks"]["default"]["ipv4_address"])
    (network,) = file["networks"]["default"]["ipam"]["config"]
    assert address in ip_network(network["subnet"])
    assert address not in ip_network(network["ip_range"]), "another part may have been given it"
    for name in ("app-1", "app-2"):
        trusted = file["services"][name]["environment"]["MNIST_APP_TRUSTED_PROXIES"]
        assert trusted == f"${{MNIST_APP_TRUSTED_PROXIES:-{address}}}"


@pytest.mark.parametrize("proxies", [None, "", "10.0.0.5 10.0.1.0/28"])
def test_haproxy_understands_its_configuration(proxies: str | None) -> None:
    haproxy = shutil.which("haproxy") or go_without("HAProxy", "haproxy")
    environment = {"APP_1": "127.0.0.1:8502", "APP_2": "127.0.0.1:8503"}
    environment |= {} if proxies is None else {"PROXIES": proxies}
    command = [haproxy, "-c", "-f", str(DEPLOY / "haproxy.cfg")]
    answer = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    assert "WARNING" not in answer.stderr.upper()


# The health check


@pytest.mark.parametrize("status", [200, 503])
def test_a_server_is_healthy_when_it_says_so(status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # noqa: N802 (the name that http.server calls)
            asked.append(self.path)
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        assert healthy.is_healthy(str(server.server_port)) is (status == 200)
        server.shutdown()
        thread.join()
    assert asked == ["/_stcore/health"]


def test_where_nobody_listens_nothing_is_healthy() -> None:
    assert not healthy.is_healthy("9")


# What is said of it


def page(name: str) -> str:
    return (PROJECT / "docs" / name).read_text(encoding="utf-8")


def test_the_technicians_pages_tell_every_setting_and_name_what_is_there() -> None:
    one, several = page("for-technicians.md"), page("several-machines.md")
    assert known_settings() <= set(re.findall(r"MNIST_APP_[A-Z_]*[A-Z]", one + several))
    for text in (one, several):
        named = re.findall(r"(?:deploy|tools)/[\w.-]*\w", text)
        assert named and all((PROJECT / name).exists() for name in named if name != "deploy/.env")
    commands = set(re.findall(r"-m mnist_app ([a-z-]+)", one))
    assert {"backup", "restore"} <= commands


def test_the_page_of_several_machines_leads_to_pages_that_are_there() -> None:
    text = page("several-machines.md")
    links = [link.partition("#")[0] for link in re.findall(r"\]\(([^)]+)\)", text) if "://" not in link]
    assert links and all((PROJECT / "docs" / link).is_file() for link in links)
    assert "(docs/several-machines.md)" in (PROJECT / "README.md").read_text(encoding="utf-8")


def test_the_page_of_several_machines_says_the_waiting_that_there_is() -> None:
    assert f"up to {PATIENCE:.0f} seconds" in page("several-machines.md")

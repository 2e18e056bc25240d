"""Where the cluster is, and what is said when there is none. Nothing here trains."""

import os
import subprocess
import sys

import pytest
import serving
from hypothesis import given
from hypothesis import strategies as st

from mnist_app.errors import ClusterUnavailable, InvalidSetting
from mnist_app.settings import PROJECT, Settings
from mnist_app.workspace.workers.cluster.engines import Cluster, where
from mnist_app.workspace.workers.cluster.task import settings_here


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("ray://head:10001", ("head", 10001)),
        ("ray://10.0.0.7:80", ("10.0.0.7", 80)),
        ("ray://ray-head.school.example:10001", ("ray-head.school.example", 10001)),
        ("ray://[::1]:10001", ("::1", 10001)),
    ],
)
def test_an_address_names_host_and_port(address: str, place: tuple[str, int]) -> None:
    assert where(address) == place


@pytest.mark.parametrize(
    "address",
    [
        "local",
        "AUTO",
        "ray://",
        "ray://head",
        "ray://head:0",
        "ray://head:65536",
        "ray://head:10001/",
        "head:6379",
    ],
)
def test_any_other_address_is_told_in_a_sentence(address: str) -> None:
    with pytest.raises(InvalidSetting, match="Set it to auto.*or to an address such as ray://host:10001"):
        where(address)


@given(st.text().filter(lambda text: text != "auto"))
def test_any_other_text_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(InvalidSetting) as raised:
        where(text)
    assert len(str(raised.value)) < 300


def test_a_cluster_out_of_reach_is_told_in_a_sentence() -> None:
    pytest.importorskip("ray", reason="Ray is not installed: requirements-cluster.txt brings it.")
    address = f"ray://127.0.0.1:{serving.free_port()}"
    with pytest.raises(ClusterUnavailable, match="cannot be reached .*refused.*trainings wait"):
        Cluster(address)


def test_without_ray_it_is_said_what_to_install() -> None:
    program = """
import sys
sys.modules["ray"] = None
from mnist_app.errors import ClusterUnavailable
from mnist_app.workspace.workers.cluster.engines import Cluster
for address in ("auto", "ray://127.0.0.1:10001"):
    try:
        Cluster(address)
    except ClusterUnavailable as error:
        print(error)
"""
    said = subprocess.run(
        [sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert len(said) == 2
    assert all("Ray is not installed here. Install requirements-cluster.txt" in line for line in said)


def test_a_node_has_the_servers_settings_but_its_own_data() -> None:
    server = {"MNIST_APP_HOME": "/shared", "MNIST_APP_DATABASE": "sqlite://", "MNIST_APP_MNIST": "/there.npz"}
    assert settings_here(server, {}) == Settings.from_environment(server)
    own = {"MNIST_APP_MNIST": "/here.npz", "KERAS_HOME": "/here", "MNIST_APP_HOME": "/own"}
    here = settings_here(server, own)
    assert (str(here.mnist), str(here.keras_home), here.database) == ("/here.npz", "/here", "sqlite://")
    assert str(here.home) == "/shared", "the models are there"
    here = settings_here({**server, "MNIST_APP_FILES": "s3://bucket"}, own)
    assert (str(here.home), here.files) == ("/own", "s3://bucket")


def test_the_setting_goes_to_other_processes() -> None:
    settings = Settings.from_environment({"MNIST_APP_CLUSTER": " ray://head:10001 "})
    assert settings.cluster == "ray://head:10001"
    assert Settings.from_environment(settings.to_environment()).cluster == "ray://head:10001"
    assert Settings.from_environment({"MNIST_APP_CLUSTER": " "}).cluster is None
    assert os.environ.get("MNIST_APP_CLUSTER") is None, "the other tests train on this machine"

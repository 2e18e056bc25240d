"""`data` and `data fetch`."""

from pathlib import Path

from program import UNREACHABLE, Run, assert_one_line


def test_data_says_what_is_here(run: Run, tmp_path: Path) -> None:
    answer = run("data", "--json", MNIST_APP_MNIST="", KERAS_HOME=str(tmp_path))
    mnist, synthetic = answer.objects
    assert (mnist["name"], mnist["available"], mnist["images"]) == ("mnist", False, 0)
    assert "data fetch" in mnist["advice"]
    assert (synthetic["name"], synthetic["available"]) == ("synthetic", True)
    assert synthetic["advice"] == ""
    assert (answer.code, answer.err) == (0, "")


def test_data_without_json(run: Run, tmp_path: Path) -> None:
    answer = run("data", MNIST_APP_MNIST="", KERAS_HOME=str(tmp_path))
    assert [line.split()[0] for line in answer.out.splitlines()] == ["mnist:", "synthetic:"]


def test_fetch_says_where_mnist_is(run: Run, mnist_path: Path) -> None:
    answer = run("data", "fetch", "--json", MNIST_APP_MNIST=str(mnist_path))
    assert answer.objects == [{"name": "mnist", "path": str(mnist_path)}]
    assert (answer.code, answer.err) == (0, "")


def test_fetch_without_internet(run: Run, tmp_path: Path) -> None:
    answer = run("data", "fetch", MNIST_APP_MNIST="", KERAS_HOME=str(tmp_path), **UNREACHABLE)
    assert (answer.code, answer.out) == (1, "")
    assert_one_line(answer.err)
    assert "synthetic" in answer.err

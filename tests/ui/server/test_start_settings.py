"""What a server with a wrong setting does: it does not start, and says why."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import serving

from mnist_app.errors import InvalidSetting
from mnist_app.settings import PROJECT, Settings
from mnist_app.ui.server.start_settings import SHORTEST_CODE, WRONG_SETTING, check, start

WRONG = [
    ("MNIST_APP_TEACHER_CODE", "seven77"),
    ("MNIST_APP_TEACHER_CODE", "  seven77  "),
    ("MNIST_APP_TRUSTED_PROXIES", "127.0.0.1,proxy"),
    ("MNIST_APP_TRUSTED_PROXIES", "0.0.0.0/0"),
    ("MNIST_APP_MOST_WAITING_PER_ADDRESS", "many"),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_wrong_setting_is_told_by_its_name(name: str, value: str) -> None:
    with pytest.raises(InvalidSetting, match=name) as refused:
        check(Settings.from_environment({name: value}))
    assert "seven77" not in str(refused.value)


def test_a_wrong_number_ends_the_start_with_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MNIST_APP_MOST_WAITING_PER_ADDRESS", "many")
    with pytest.raises(SystemExit) as ended:
        start()
    assert ended.value.code == WRONG_SETTING
    told = capsys.readouterr().err
    assert told == (
        "MNIST_APP_MOST_WAITING_PER_ADDRESS is 'many'; give a whole number of at least 1, such as 200.\n"
    )


def test_eight_characters_are_enough_and_no_code_is_fine() -> None:
    assert SHORTEST_CODE == 8
    check(Settings.from_environment({"MNIST_APP_TEACHER_CODE": "ÄÖÜéèê77"}))
    check(Settings.from_environment({"MNIST_APP_TEACHER_CODE": " ", "MNIST_APP_TRUSTED_PROXIES": "::1"}))


def test_programs_that_the_server_starts_do_not_inherit_the_code() -> None:
    program = """
import os, subprocess
from mnist_app.ui.server import start_settings
start_settings.start()
print(start_settings.server_settings().teacher_code, subprocess.check_output("env").count(b"nine quills"))
"""
    environment = {**os.environ, "MNIST_APP_TEACHER_CODE": "nine quills"}
    command = [sys.executable, "-c", program]
    told = subprocess.run(
        command, cwd=PROJECT, env=environment, stdout=subprocess.PIPE, text=True, check=True
    )
    assert told.stdout.split() == ["nine", "quills", "0"]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "value"), WRONG[1:3])
def test_the_server_ends_with_one_sentence(name: str, value: str, tmp_path: Path) -> None:
    port = str(serving.free_port())
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", port]
    environment = {**os.environ, "MNIST_APP_HOME": str(tmp_path), name: value}
    ended = subprocess.run(
        [*command, "--server.headless", "true"],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ended.returncode == WRONG_SETTING
    assert ended.stderr.startswith(name) and "Traceback" not in ended.stderr
    assert value.strip() not in ended.stdout

"""The app's settings, read once from the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import platformdirs

from mnist_app.errors import InvalidSetting

PROJECT = Path(__file__).resolve().parent.parent
ASSETS = PROJECT / "assets"
BUNDLED_MNIST = PROJECT / "mnist.npz"
"""MNIST in a folder that was prepared for installing without internet."""
TEACHER_CODE = "MNIST_APP_TEACHER_CODE"
"""Name of the variable with the teacher's code."""
MOST_WAITING_PER_ADDRESS = 200
"""Default of `Settings.most_waiting_per_address`: six runs for each pupil of a class."""
MOST_DIGITS = 9
"""Most digits of a number in the environment."""


@dataclass(frozen=True)
class Settings:
    """Folders, addresses and limits. Paths need not exist; the code that uses one reports a missing one."""

    home: Path
    """Folder of runs and trained models (`MNIST_APP_HOME`; default: the platform's user data folder)."""
    mnist: Path | None
    """An `mnist.npz` in place of Keras's own, checked by its contents (`MNIST_APP_MNIST`; default:
    `mnist.npz` in the project's folder, if it exists)."""
    pendigits: Path | None
    """Real pen strokes for measuring and training (`MNIST_APP_PENDIGITS`)."""
    keras_home: Path
    """Keras's folder, into which MNIST is downloaded (`KERAS_HOME`; default: `~/.keras`)."""
    database: str | None = None
    """SQLAlchemy address of the database (`MNIST_APP_DATABASE`; default: a SQLite file in `home`)."""
    files: str | None = None
    """Folder or fsspec address of the runs' models (`MNIST_APP_FILES`; default: `home`). Several servers
    need one that all of them see."""
    teacher_code: str | None = field(default=None, repr=False)
    """Code that opens the teacher's page; without it there is no such page (`MNIST_APP_TEACHER_CODE`). It
    has at least eight characters, checked when the server starts."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses and networks of the proxies whose `X-Forwarded-*` headers are trusted
    (`MNIST_APP_TRUSTED_PROXIES`, comma-separated; default: none), checked when the server starts."""
    allowed_hosts: tuple[str, ...] = ()
    """Host names of the app, such as "digits.school.example" or "*.school.example"
    (`MNIST_APP_ALLOWED_HOSTS`, comma-separated; default: any), checked when the server starts."""
    frame_ancestors: tuple[str, ...] = ()
    """Sites that may show the app in a frame, such as "https://moodle.school.example"
    (`MNIST_APP_FRAME_ANCESTORS`, comma-separated; default: none), checked when the server starts."""
    metrics: bool = False
    """True to publish the server's load at `/_stcore/metrics` (`MNIST_APP_METRICS`; default: off)."""
    most_waiting_per_address: int = MOST_WAITING_PER_ADDRESS
    """Most runs from one network address that may wait at once (`MNIST_APP_MOST_WAITING_PER_ADDRESS`)."""
    cluster: str | None = None
    """Ray cluster for training, `auto` or `ray://host:port`, checked at the first connection
    (`MNIST_APP_CLUSTER`; default: a worker on this machine trains)."""

    unipen: Path | None = None
    """Pen strokes of many hands for measuring (`MNIST_APP_UNIPEN`)."""
    sign_in: bool = False
    """True to require signing in with OpenID Connect (`MNIST_APP_SIGN_IN`; default: off)."""
    members: tuple[str, ...] = ()
    """E-mail addresses, or endings such as "@school.example", that may sign in (`MNIST_APP_MEMBERS`,
    comma-separated; default: everybody whom the provider knows)."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Read `MNIST_APP_*` and `KERAS_HOME`; an empty variable counts as not set.

        Raises:
            InvalidSetting: A number is malformed.
        """

        def path(name: str) -> Path | None:
            value = environment.get(name, "").strip()
            return Path(value).expanduser() if value else None

        return cls(
            home=path("MNIST_APP_HOME") or Path(platformdirs.user_data_dir("mnist-app", appauthor=False)),
            mnist=path("MNIST_APP_MNIST") or (BUNDLED_MNIST if BUNDLED_MNIST.is_file() else None),
            pendigits=path("MNIST_APP_PENDIGITS"),
            unipen=path("MNIST_APP_UNIPEN"),
            keras_home=path("KERAS_HOME") or Path.home() / ".keras",
            database=environment.get("MNIST_APP_DATABASE", "").strip() or None,
            files=_absolute(environment.get("MNIST_APP_FILES", "").strip()) or None,
            teacher_code=environment.get(TEACHER_CODE, "").strip() or None,
            trusted_proxies=_listed(environment.get("MNIST_APP_TRUSTED_PROXIES", "")),
            allowed_hosts=_listed(environment.get("MNIST_APP_ALLOWED_HOSTS", "")),
            frame_ancestors=_listed(environment.get("MNIST_APP_FRAME_ANCESTORS", "")),
            most_waiting_per_address=_count(
                environment, "MNIST_APP_MOST_WAITING_PER_ADDRESS", MOST_WAITING_PER_ADDRESS
            ),
            cluster=environment.get("MNIST_APP_CLUSTER", "").strip() or None,
            metrics=_is_on(environment.get("MNIST_APP_METRICS", "")),
            sign_in=_is_on(environment.get("MNIST_APP_SIGN_IN", "")),
            members=_listed(environment.get("MNIST_APP_MEMBERS", "")),
        )

    def to_environment(self) -> dict[str, str]:
        """Return the variables that give another process, in any folder, these settings.

        The teacher's code is left out, because no other process needs it.
        """
        paths = {
            "MNIST_APP_HOME": self.home,
            "MNIST_APP_MNIST": self.mnist,
            "MNIST_APP_PENDIGITS": self.pendigits,
            "MNIST_APP_UNIPEN": self.unipen,
            "KERAS_HOME": self.keras_home,
        }
        environment = {name: str(path.absolute()) if path else "" for name, path in paths.items()}
        environment["MNIST_APP_DATABASE"] = self.database or ""
        environment["MNIST_APP_FILES"] = self.files or ""
        environment["MNIST_APP_CLUSTER"] = self.cluster or ""
        return {**environment, TEACHER_CODE: ""}


def _is_on(text: str) -> bool:
    return text.strip().lower() not in ("", "0", "off", "no")


def _count(environment: Mapping[str, str], name: str, default: int) -> int:
    """Return a whole number of at least 1 from the environment.

    Raises:
        InvalidSetting: The variable is something else.
    """
    text = environment.get(name, "").strip()
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS and int(text) > 0):
        raise InvalidSetting(
            f"{name} is {text[:40]!r}; give a whole number of at least 1, such as {default}."
        )
    return int(text)


def _listed(text: str) -> tuple[str, ...]:
    return tuple(each.strip().casefold() for each in text.split(",") if each.strip())


def _absolute(address: str) -> str:
    """Return a folder as an absolute path, for processes in other folders; return an address as it is."""
    return str(Path(address).expanduser().absolute()) if address and "://" not in address else address

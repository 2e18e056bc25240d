"""The app's settings: the environment, read once."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import platformdirs

from mnist_app.errors import InvalidSetting

PROJECT = Path(__file__).resolve().parent.parent
ASSETS = PROJECT / "assets"
BUNDLED_MNIST = PROJECT / "mnist.npz"
"""Where a folder that was written for installing without internet has MNIST."""
TEACHER_CODE = "MNIST_APP_TEACHER_CODE"
"""The variable that has the teacher's code."""
MOST_WAITING_PER_ADDRESS = 200
"""Runs from one address that may wait unless a setting says otherwise: six for each pupil of a class."""
MOST_DIGITS = 9
"""Of a number in the environment."""


@dataclass(frozen=True)
class Settings:
    """Where things are. Paths need not exist; whoever uses one says so when it does not."""

    home: Path
    """Where runs and trained models live (`MNIST_APP_HOME`; default: the platform's user data folder)."""
    mnist: Path | None
    """An `mnist.npz` to use instead of Keras's own (`MNIST_APP_MNIST`; default: `mnist.npz` in the project's
    folder, where there is one), checked by its contents."""
    pendigits: Path | None
    """Real pen strokes to measure and train on (`MNIST_APP_PENDIGITS`)."""
    keras_home: Path
    """Keras's folder (`KERAS_HOME`; default: `~/.keras`), where MNIST is downloaded to."""
    database: str | None = None
    """A SQLAlchemy address for the runs (`MNIST_APP_DATABASE`; default: a SQLite file in `home`)."""
    files: str | None = None
    """A folder, or an fsspec address, for the models of runs (`MNIST_APP_FILES`; default: `home`); where
    there are several servers, one that all of them see."""
    teacher_code: str | None = field(default=None, repr=False)
    """What opens the teacher's page (`MNIST_APP_TEACHER_CODE`); there is no such page without it. At least
    eight characters, checked when the server starts."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses and networks of the proxies whose `X-Forwarded-*` headers are believed
    (`MNIST_APP_TRUSTED_PROXIES`, with commas; default: none), checked when the server starts."""
    allowed_hosts: tuple[str, ...] = ()
    """The names that the app may be reached by, such as "digits.school.example" or "*.school.example"
    (`MNIST_APP_ALLOWED_HOSTS`, with commas; default: any), checked when the server starts."""
    frame_ancestors: tuple[str, ...] = ()
    """The sites that may show the app in a frame, such as "https://moodle.school.example"
    (`MNIST_APP_FRAME_ANCESTORS`, with commas; default: none), checked when the server starts."""
    metrics: bool = False
    """Whether `/_stcore/metrics` tells how busy the server is (`MNIST_APP_METRICS`; default: off)."""
    most_waiting_per_address: int = MOST_WAITING_PER_ADDRESS
    """How many runs from one network address may wait at once (`MNIST_APP_MOST_WAITING_PER_ADDRESS`)."""
    cluster: str | None = None
    """The Ray cluster that trains: `auto` or `ray://host:port` (`MNIST_APP_CLUSTER`; default: this machine
    does, in a worker), checked by whoever connects to it."""

    sign_in: bool = False
    """Whether only those get in who sign in with OpenID Connect (`MNIST_APP_SIGN_IN`; default: off)."""
    members: tuple[str, ...] = ()
    """The e-mail addresses, or endings such as "@school.example", of those who then get in
    (`MNIST_APP_MEMBERS`, with commas; default: everybody whom the provider knows)."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Read `MNIST_APP_*` and `KERAS_HOME`; an empty variable counts as not set.

        Raises:
            InvalidSetting: A number is written wrongly.
        """

        def path(name: str) -> Path | None:
            value = environment.get(name, "").strip()
            return Path(value).expanduser() if value else None

        return cls(
            home=path("MNIST_APP_HOME") or Path(platformdirs.user_data_dir("mnist-app", appauthor=False)),
            mnist=path("MNIST_APP_MNIST") or (BUNDLED_MNIST if BUNDLED_MNIST.is_file() else None),
            pendigits=path("MNIST_APP_PENDIGITS"),
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
        """The variables that give another process these settings, whatever folder it runs in.

        The teacher's code stays here: no other process needs it.
        """
        paths = {
            "MNIST_APP_HOME": self.home,
            "MNIST_APP_MNIST": self.mnist,
            "MNIST_APP_PENDIGITS": self.pendigits,
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
        InvalidSetting: It is something else.
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
    """A folder by its whole path, for processes that run in another; an address as it is."""
    return str(Path(address).expanduser().absolute()) if address and "://" not in address else address

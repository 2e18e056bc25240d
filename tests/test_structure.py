"""The packages of the project and their order: imports go down only, as `LAYERS` says.

Streamlit stays in `ui`, because a worker, a command line and a unit test run without it.
"""

import ast
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from streamlit.web.server.app_discovery import discover_asgi_app

from mnist_app.settings import PROJECT

LAYERS: dict[str, tuple[tuple[str, ...], ...]] = {
    "mnist_app": (
        ("atomic_write", "errors", "wording"),
        ("settings",),
        ("ink",),
        ("learning",),
        ("workspace",),
        ("cli", "ui"),
    ),
    "mnist_app.ink": ((".",), ("synthetic",)),
    "mnist_app.learning": (
        ("data", "networks"),
        ("metrics",),
        ("explanation",),
        ("inference",),
        ("training",),
        ("lessons", "release"),
    ),
    "mnist_app.workspace": (("storage",), ("classroom",), ("drawings",), ("runs",), ("workers", "archives")),
    "mnist_app.ui": (
        ("outside_text",),
        ("session",),
        ("streamlit_fixes",),
        ("server",),
        ("live",),
        ("shared",),
        ("lesson_link",),
        ("ownership",),
        ("frame",),
        ("parts",),
        ("draw", "train", "evaluation", "class_drawings", "learn", "look_inside", "teacher"),
        ("runs",),
        ("pages",),
    ),
}
"""The parts of each package, from the bottom up. A part imports parts of lower layers, not its neighbours.

A package that is not listed has no order within it. `.` stands for all modules of a package's own.
"""

WITHOUT_TENSORFLOW = [
    "app",
    "mnist_app.atomic_write",
    "mnist_app.cli",
    "mnist_app.errors",
    "mnist_app.ink",
    "mnist_app.learning.training.configuration",
    "mnist_app.learning.data.datasets",
    "mnist_app.learning.lessons.gradient_agreement",
    "mnist_app.learning.lessons.design_comparison",
    "mnist_app.learning.networks.designs",
    "mnist_app.learning.lessons.forward_pass",
    "mnist_app.learning.lessons.glossary",
    "mnist_app.learning.lessons.chapters",
    "mnist_app.learning.data.mnist_file",
    "mnist_app.learning.inference.model_card",
    "mnist_app.learning.lessons.network_weights",
    "mnist_app.learning.lessons.optimiser_walks",
    "mnist_app.learning.lessons.preparation",
    "mnist_app.learning.training.presets",
    "mnist_app.learning.lessons.program",
    "mnist_app.learning.training.keras_script",
    "mnist_app.learning.data.synthetic_digits",
    "mnist_app.learning.explanation.likeness",
    "mnist_app.learning.explanation.what_if",
    "mnist_app.settings",
    "mnist_app.wording",
    "mnist_app.ui.server",
]
"""Modules, and packages with all that is in them, that are imported without TensorFlow."""


def source_files(project: Path) -> list[Path]:
    """`app.py` and every module of `mnist_app`, relative to the project's folder."""
    files = [*project.glob("app.py"), *project.glob("mnist_app/**/*.py")]
    return sorted(file.relative_to(project) for file in files)


def module_of(file: Path) -> str:
    """The name that a file is imported by: "mnist_app/ink/__init__.py" is "mnist_app.ink"."""
    return ".".join(part for part in file.with_suffix("").parts if part != "__init__")


def modules_in(name: str) -> list[str]:
    """The module of that name and, if it is a package, those in it; there must be one."""
    modules = [module_of(file) for file in source_files(PROJECT)]
    found = [module for module in modules if f"{module}.".startswith(f"{name}.")]
    assert name in found, f"There is no {name} any more."
    return found


def part_of(module: str, package: str) -> str:
    """Return the part of a package that a module is in: "learning" for "mnist_app.learning.data.datasets".

    The command line's `__main__` counts as part of it. A package's own `__init__` has the empty name.
    """
    name = module.removeprefix(package).lstrip(".").split(".")[0]
    known = {part for layer in LAYERS[package] for part in layer}
    if name and name not in known and "." in known:
        return "."
    return "cli" if name == "__main__" else name


def layer_of(part: str, package: str) -> int:
    """Return the layer of a package that a part is in; 0 is the lowest.

    Raises:
        KeyError: `LAYERS` does not name this part.
    """
    for number, layer in enumerate(LAYERS[package]):
        if part in layer:
            return number
    raise KeyError(f"{package}.{part}")


def goes_down(here: str, there: str, package: str = "mnist_app") -> bool:
    """Return whether a module of a package may import another, by the layers that they are in."""
    own, other = part_of(here, package), part_of(there, package)
    if own == other:
        inner = f"{package}.{own}"
        return inner not in LAYERS or goes_down(here, there, inner)
    if not own or not other:
        return (
            not other
        )  # an `__init__` imports nothing of ours, and `from package import __version__` is no part
    known = {part for layer in LAYERS[package] for part in layer}
    return layer_of(own, package) > (layer_of(other, package) if other in known else len(LAYERS[package]))


def imports(project: Path, file: Path) -> Iterator[str]:
    """The full names of the modules that a file imports, wherever in the file it does so.

    `from package import name` counts as `package.name`, for `name` may be a module.
    """
    package = [part for part in file.with_suffix("").parts if part != "__init__"]
    if file.name != "__init__.py":
        package = package[:-1]
    for node in ast.walk(ast.parse((project / file).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            origin = ".".join([*above, *filter(None, [node.module])])
            yield from (f"{origin}.{alias.name}" for alias in node.names)


def climbing(project: Path) -> list[str]:
    """Every import that breaks a rule, as "file imports module"."""
    return [
        f"{file.as_posix()} imports {module}"
        for file in source_files(project)
        for module in imports(project, file)
        if not allowed(file, module)
    ]


def allowed(file: Path, module: str) -> bool:
    """Return whether a file may import a module, going by the packages that both are in."""
    here = module_of(file)
    room = here.split(".")[1] if "." in here else here
    top, *_ = module.split(".")
    if top in ("mnist_app", "app"):
        return here == "app" or (top == "mnist_app" and goes_down(here, module))
    if top == "streamlit_drawable_canvas":
        return file == Path("mnist_app/ui/draw/canvas.py")
    if top == "streamlit":
        return room in ("ui", "app")
    return room != "ink" or top in {"numpy", "PIL", "pillow_heif"} | sys.stdlib_module_names


def write(project: Path, file: str, source: str) -> None:
    """Put a source file into a made-up project."""
    (project / file).parent.mkdir(parents=True, exist_ok=True)
    (project / file).write_text(source, encoding="utf-8")


def test_no_import_climbs() -> None:
    assert len(source_files(PROJECT)) > 5
    assert climbing(PROJECT) == []


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("mnist_app/ink/drawing.py", "from mnist_app.learning.inference.classifier import Classifier"),
        ("mnist_app/ink/drawing.py", "from ..learning import classifier"),
        ("mnist_app/ink/drawing.py", "from .. import learning"),
        ("mnist_app/ink/__init__.py", "from ..learning import classifier"),
        ("mnist_app/ink/drawing.py", "import scipy.ndimage"),
        ("mnist_app/ink/drawing.py", "def late():\n    import keras"),
        ("mnist_app/learning/training/training.py", "import mnist_app.workspace.runs.run_store"),
        ("mnist_app/learning/training/training.py", "import streamlit as st"),
        ("mnist_app/workspace/workers/worker.py", "from mnist_app import cli"),
        ("mnist_app/workspace/workers/worker.py", "from mnist_app.ui.session import session"),
        ("mnist_app/workspace/workers/worker.py", "from mnist_app.cli.output import say"),
        ("mnist_app/cli/__init__.py", "from ..ui import session"),
        ("mnist_app/cli/predict.py", "from mnist_app.ui.parts.charts import bars"),
        ("mnist_app/cli/predict.py", "from streamlit.web import bootstrap"),
        ("mnist_app/__main__.py", "import app"),
        ("mnist_app/errors.py", "from mnist_app.settings import Settings"),
        ("mnist_app/__init__.py", "from mnist_app.ink import drawing"),
        ("mnist_app/ui/session/session.py", "import app"),
        ("mnist_app/ui/pages/draw.py", "from streamlit_drawable_canvas import st_canvas"),
        ("app.py", "from streamlit_drawable_canvas import st_canvas"),
    ],
)
def test_an_import_that_climbs_is_found(tmp_path: Path, file: str, source: str) -> None:
    write(tmp_path, file, source)
    assert len(climbing(tmp_path)) == 1


def test_an_import_that_goes_down_is_no_fault(tmp_path: Path) -> None:
    write(
        tmp_path,
        "app.py",
        "import streamlit\nfrom mnist_app.ui.session import session\nimport mnist_app.settings",
    )
    write(tmp_path, "mnist_app/__main__.py", "from mnist_app.cli import main")
    write(
        tmp_path,
        "mnist_app/cli/train.py",
        "from ..learning import presets\nimport typer\nfrom mnist_app import errors\nfrom . import runs",
    )
    write(tmp_path, "mnist_app/ink/drawing.py", "import numpy as np\nimport json\nfrom . import strokes")
    write(tmp_path, "mnist_app/ui/draw/canvas.py", "from streamlit_drawable_canvas import st_canvas")
    write(
        tmp_path, "mnist_app/ui/pages/draw.py", "from ..draw.canvas import canvas\nfrom ...ink import drawing"
    )
    assert climbing(tmp_path) == []


def test_a_package_without_a_layer_is_a_fault(tmp_path: Path) -> None:
    write(tmp_path, "mnist_app/attic/box.py", "from mnist_app import errors")
    with pytest.raises(KeyError, match="attic"):
        climbing(tmp_path)


def test_what_is_imported_is_named_in_the_requirements() -> None:
    files = [PROJECT / name for name in ("requirements.txt", "requirements-cluster.txt")]
    lines = [line for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    named = {normalised(re.split(r"[\[=;]", line)[0]) for line in lines if line and not line.startswith("#")}
    distributions = {"ray": ["ray"], **packages_distributions()}  # it need not be installed
    tops = {name.split(".")[0] for file in source_files(PROJECT) for name in imports(PROJECT, file)}
    foreign = tops - sys.stdlib_module_names - {"mnist_app", "app"}
    assert "numpy" in foreign
    missing = {
        top for top in foreign if not named & {normalised(name) for name in distributions.get(top, [])}
    }
    assert missing == set()


def normalised(distribution: str) -> str:
    """A distribution's name as package indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", distribution.strip()).lower()


def in_a_fresh_process(code: str) -> None:
    """Run Python code from the project's folder; fails with what it says."""
    answer = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stderr


@pytest.mark.slow
def test_everything_below_the_pages_runs_without_streamlit() -> None:
    rooms = {part for layer in LAYERS["mnist_app"] for part in layer} - {"ui"} | {"__main__"}
    names = [module for room in sorted(rooms) for module in modules_in(f"mnist_app.{room}")]
    # An entry of None makes an import fail as if the package were not installed.
    in_a_fresh_process(f"""
import importlib, sys
sys.modules["streamlit"] = sys.modules["streamlit_drawable_canvas"] = None
for name in {names!r}:
    importlib.import_module(name)
""")


def test_the_modules_of_a_package_are_found() -> None:
    found = modules_in("mnist_app.cli")
    assert {"mnist_app.cli", "mnist_app.cli.predict", "mnist_app.cli.train"} <= set(found)
    assert modules_in("mnist_app.settings") == ["mnist_app.settings"]
    with pytest.raises(AssertionError, match="no mnist_app.attic"):
        modules_in("mnist_app.attic")


def test_only_one_module_shows_fields_for_files() -> None:
    """The server takes no upload that `upload_fields` has not shown a field for."""
    fields = re.compile(r"\.(file_uploader|camera_input|audio_input|chat_input)\(")
    found = [file for file in source_files(PROJECT) if fields.search((PROJECT / file).read_text("utf-8"))]
    assert found == [Path("mnist_app/ui/server/upload_fields.py")]


def test_streamlit_finds_the_app_and_its_page_script() -> None:
    found = discover_asgi_app(PROJECT / "app.py")
    assert found.import_string == "app:app"
    in_a_fresh_process("""
import app
script = app.app._resolve_script_path()
assert script.is_file()
assert not (script.parent / "pages").exists(), "Streamlit would take it for the navigation"
""")


def test_importing_these_does_not_import_tensorflow() -> None:
    names = [module for name in WITHOUT_TENSORFLOW for module in modules_in(name)]
    in_a_fresh_process(f"""
import importlib, sys
for name in {names!r}:
    importlib.import_module(name)
    loaded = {{"tensorflow", "keras"}} & set(sys.modules)
    assert not loaded, f"{{name}} imports {{loaded}}"
""")


MOST_MODULES = 15
"""A folder with more is hard to take in."""
LARGE_PACKAGES = {"mnist_app/cli", "mnist_app/ui/learn"}
"""A module for each command, and one for each thing to touch in a chapter."""
MOST_LINES = 300
LONG_MODULES = {
    "mnist_app/ink/synthetic/digit_glyphs.py",
}
"""The table of letter forms."""


def test_no_package_has_too_many_modules() -> None:
    modules = [file for file in source_files(PROJECT) if file.name != "__init__.py"]
    counts = Counter(file.parent.as_posix() for file in modules)
    too_many = {folder for folder, count in counts.items() if count > MOST_MODULES}
    assert too_many <= LARGE_PACKAGES, too_many


def test_no_module_is_too_long() -> None:
    lines = {
        file.as_posix(): (PROJECT / file).read_text("utf-8").count("\n") for file in source_files(PROJECT)
    }
    assert {file for file, count in lines.items() if count > MOST_LINES} == LONG_MODULES


def test_the_page_on_the_architecture_names_files_that_exist() -> None:
    text = (PROJECT / "docs" / "architecture.md").read_text("utf-8")
    named = [path for path in re.findall(r"`([\w./]+\.py)`", text) if "NAME" not in path]
    assert len(named) > 10
    folders = (PROJECT, PROJECT / "mnist_app")
    assert [path for path in named if not any((folder / path).exists() for folder in folders)] == []


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("mnist_app/ink/strokes.py", "from mnist_app.ink.synthetic import synthesis"),
        ("mnist_app/learning/data/datasets.py", "from mnist_app.learning.training.presets import PRESETS"),
        ("mnist_app/learning/lessons/glossary.py", "from mnist_app.learning.release import pendigits"),
        ("mnist_app/learning/networks/versions.py", "from ..data import datasets"),
        ("mnist_app/workspace/classroom/people.py", "from mnist_app.workspace.runs.run_store import Store"),
        ("mnist_app/workspace/archives/backup.py", "from mnist_app.workspace.workers import worker"),
        ("mnist_app/workspace/__init__.py", "from mnist_app.workspace import storage"),
        ("mnist_app/ui/parts/answer.py", "from mnist_app.ui.draw.canvas import canvas"),
        ("mnist_app/ui/draw/canvas.py", "from mnist_app.ui.train import training_settings"),
        ("mnist_app/ui/session/session.py", "from mnist_app.ui.attic import box"),
    ],
)
def test_an_import_that_climbs_within_a_package_is_found(tmp_path: Path, file: str, source: str) -> None:
    write(tmp_path, file, source)
    assert len(climbing(tmp_path)) == 1


def test_an_import_that_goes_down_within_a_package_is_no_fault(tmp_path: Path) -> None:
    write(tmp_path, "mnist_app/ink/synthetic/marks.py", "from ..strokes import Stroke\nfrom . import letters")
    write(tmp_path, "mnist_app/workspace/workers/worker.py", "from mnist_app.workspace.runs import queue")
    write(tmp_path, "mnist_app/ui/runs/run_actions.py", "from ..train import training_settings")
    assert climbing(tmp_path) == []


OF_LIBRARIES = {"_run", "_tree", "_state", "_learning_rate", "_make_blocking_http_get"}
"""Private names of Streamlit and Keras that tests use, because there is no public way."""


def private_names(source: str) -> set[str]:
    """Return the private names that a test imports from the app, or reaches in something not its own."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("mnist_app"):
            found |= {each.name for each in node.names}
        elif isinstance(node, ast.Attribute) and ast.unparse(node.value) not in ("self", "cls", "super()"):
            found.add(node.attr)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(
            ("setattr", "getattr", "delattr")
        ):
            texts = [each.value for each in node.args if isinstance(each, ast.Constant)]
            found |= {part for text in texts if isinstance(text, str) for part in text.split(".")}
    return {name for name in found if re.match(r"_[^_]", name)} - OF_LIBRARIES


def test_tests_reach_no_private_names() -> None:
    files = [*PROJECT.glob("tests/**/*.py")]
    assert PROJECT / "tests" / "test_structure.py" in files
    found = {file.name: private_names(file.read_text(encoding="utf-8")) for file in files}
    assert {name: reached for name, reached in found.items() if reached} == {}


@pytest.mark.parametrize(
    "source",
    [
        "from mnist_app.settings import _listed",
        "settings._listed('a')",
        "assert not room.access._wrong",
        "monkeypatch.setattr(settings, '_listed', None)",
        "monkeypatch.setattr('mnist_app.settings._listed', None)",
    ],
)
def test_a_private_name_is_found(source: str) -> None:
    assert private_names(source) in ({"_listed"}, {"_wrong"})


def test_a_name_of_ones_own_is_no_fault() -> None:
    assert private_names("self._now = super()._now = 1\n_seen = __name__\nfrom here import _mine") == set()


def test_no_two_files_of_tests_have_one_name() -> None:
    """Pytest imports a file of tests by its name alone."""
    names = Counter(file.name for file in (PROJECT / "tests").rglob("test_*.py"))
    assert [name for name, count in names.items() if count > 1] == []

"""The final table, and the same as JSON."""

import argparse
import json
import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bench.measurement import Row
from mnist_app.errors import AppError
from mnist_app.settings import Settings
from mnist_app.workspace.archives.named_files import check_target, named_file

_MOST_FAULTS = 10
SIGNS = {"at most": "≤", "at least": "≥", "within": "±"}


def file_to_write(text: str) -> Path:
    """Return the FILE of a command line, for argparse; refuse the app's own files."""
    try:
        check_target(Path(text), Settings.from_environment())
    except AppError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return Path(text)


def add_json_option(parser: argparse.ArgumentParser) -> None:
    """Add the option that names a file for the table as JSON."""
    parser.add_argument("--json", type=file_to_write, metavar="FILE", help="keep the table as JSON, too")


def console() -> Console:
    """Return the standard output as a console, wide enough for a table where it is no terminal."""
    return Console(width=None if sys.stdout.isatty() else 140)


def show(
    rows: Sequence[Row],
    file: Path | None,
    faults: Sequence[str] = (),
    measured_on: dict[str, str] | None = None,
) -> None:
    """Print the machine, the table and the first faults, and keep the table as JSON.

    Args:
        rows: The figures.
        file: The file for the JSON; None for none.
        faults: What went wrong meanwhile.
        measured_on: The machine as it was before the measurements; by default as it is now.

    Raises:
        InvalidSetting, StorageUnavailable: The file cannot be written.
    """
    measured_on, out = measured_on or machine(), console()
    out.print(in_words(measured_on), highlight=False)
    out.print(table(rows))
    for fault in faults[:_MOST_FAULTS]:
        out.print(f"A fault: {fault}", markup=False)
    if file:
        write_json(file, as_json(measured_on, rows))


def in_words(measured_on: dict[str, str]) -> str:
    """Return a line on the machine."""
    return ", ".join(f"{name}: {value}" for name, value in measured_on.items())


def write_json(path: Path, content: object) -> None:
    """Write figures to the named file; raise `InvalidSetting` or `StorageUnavailable`."""
    with named_file(path, Settings.from_environment()) as file:
        file.write(json.dumps(content, indent=2).encode() + b"\n")


def machine() -> dict[str, str]:
    """Return the machine and the time of the measurements."""
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "not known"
    return {
        "CPU": cpu_name(),
        "cores": str(core_count()),
        "Python": platform.python_version(),
        "TensorFlow": tensorflow_version(),
        "date": datetime.now().astimezone().isoformat(sep=" ", timespec="minutes"),
        "load before": load,
    }


def cpu_name(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """Return the processor's name from Linux, or else from Python."""
    lines = cpuinfo.read_text(errors="replace").splitlines() if cpuinfo.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def core_count() -> int:
    """Return the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def tensorflow_version() -> str:
    """Return the installed version without importing TensorFlow."""
    for name in ("tensorflow-cpu", "tensorflow"):
        try:
            return version(name)
        except PackageNotFoundError:
            continue
    return "not installed"


def shown(value: float, unit: str) -> str:
    """Return a number with its unit and about three significant digits."""
    digits = next(count for bound, count in ((1000, 0), (10, 1), (1, 2), (0, 3)) if abs(value) >= bound)
    number = f"{value:,.0f}" if value == round(value) else f"{value:,.{digits}f}"
    return f"{number} {unit}".strip()


def outcome(row: Row) -> Text:
    """Return whether the target was reached, in a word; empty without a target."""
    if row.missed_by is None:
        return Text("")
    if row.missed_by == 0:
        return Text("reached", style="green")
    return Text(f"missed by {shown(row.missed_by, row.unit)}", style="bold red")


def table(rows: Sequence[Row]) -> Table:
    """Return the table: figure, target, measured, outcome and note."""
    made = Table("figure", "target", "measured", "", "note")
    for row in rows:
        target = "" if row.target is None else f"{SIGNS[row.bound]} {row.target:g} {row.unit}"
        measured = "–" if row.measured is None else shown(row.measured, row.unit)
        made.add_row(Text(row.figure), target, measured, outcome(row), Text(row.note))
    return made


def as_json(machine: dict[str, str], rows: Sequence[Row]) -> dict[str, object]:
    """Return machine and rows, ready for `json.dumps`."""
    return {"machine": machine, "rows": [{**asdict(row), "missed_by": row.missed_by} for row in rows]}

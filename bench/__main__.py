"""`python -m bench [PART …]`: measure, and print one table.

The parts run one after another, each in a process of its own, in an order in which none disturbs the next.
The exit code is 1 only if a part failed; a missed target is a result.
"""

import argparse
import sys
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from bench import (
    agreement,
    answer,
    help_text,
    inside,
    learning_page,
    live,
    memory,
    page,
    predict,
    report,
    start,
    training,
    watching,
    working,
)
from bench.measurement import NotHere, Options, Row

PARTS: dict[str, Callable[[Options], list[Row]]] = {
    "answer": answer.measure,
    "help": help_text.measure,
    "predict": predict.measure,
    "start": start.measure,
    "live": live.measure,
    "agreement": agreement.measure,
    "page": page.measure,
    "learn": learning_page.measure,
    "inside": inside.measure,
    "memory": memory.measure,
    "watching": watching.measure,
    "working": working.measure,
    "training": training.measure,
}


def main(arguments: list[str] | None = None) -> int:
    """Measure the named parts, by default all; return 1 if one of them failed."""
    given = parse(arguments)
    options = Options(given.quick, given.full)
    machine = report.machine()
    rows, is_whole = [], True
    for name in given.parts or PARTS:
        measured, went_well = measure(name, options)
        rows += measured
        is_whole &= went_well
    report.show(rows, given.json, measured_on=machine)
    if given.quick:
        print("Measured with --quick: these figures only show that everything can be measured.")
    return 0 if is_whole else 1


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Parse the command line; exit with a message if it is malformed."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure speed and memory.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)}; all by default")
    report.add_json_option(parser)
    parser.add_argument("--full", action="store_true", help="train as long as the published programs do")
    parser.add_argument("--quick", action="store_true", help="a few times only, to see that it works")
    given = parser.parse_args(arguments)
    unknown = [part for part in given.parts if part not in PARTS]
    if unknown:
        parser.error(f"there is no part {unknown[0]}; there are {', '.join(PARTS)}")
    return given


def measure(name: str, options: Options) -> tuple[list[Row], bool]:
    """Return a part's rows, and whether it succeeded."""
    start_time = time.perf_counter()
    print(f"{name} …", end="", file=sys.stderr, flush=True)
    try:
        return in_a_process_of_its_own(PARTS[name], options), True
    except NotHere as reason:
        return [Row(name, note=f"Left out: {reason}")], True
    except Exception as error:
        traceback.print_exc()
        first_line = (str(error).splitlines() or [""])[0]
        return [Row(name, note=f"Broke off: {type(error).__name__}: {first_line}")], False
    finally:
        print(f" {time.perf_counter() - start_time:.0f} s", file=sys.stderr, flush=True)


def in_a_process_of_its_own(part: Callable[[Options], list[Row]], options: Options) -> list[Row]:
    """Run the part in a new process; return what it returns, raise what it raises."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as processes:
        return processes.submit(part, options).result()


if __name__ == "__main__":
    sys.exit(main())

"""The command line, `python -m mnist_app`: the app's work without a browser.

Answers go to standard output; with `--json` they are one JSON object a line. Messages and progress bars go to
standard error. A wrong argument ends with one line there and exit code 2, a failure with one line and 1,
Ctrl-C with 130. Heavy modules are imported where they are needed, so that `--help` is quick.

Each command is a module of this package with the command's name.
"""

import sys
from collections.abc import Sequence

import typer

from mnist_app.cli import (
    backup,
    class_,
    data,
    drawings,
    evaluate,
    fine_tune,
    predict,
    restore,
    runs,
    script,
    train,
    worker,
)
from mnist_app.cli.configuration import configured
from mnist_app.cli.faults import WRONG_ARGUMENTS, describe_fault, describe_usage
from mnist_app.cli.output import PROGRAM, complain, give_up_output, prepare_output
from mnist_app.errors import AppError

app = typer.Typer(
    help="Recognise handwritten digits and train networks that do, without a browser.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(predict.predict)
app.command()(configured(train.train))
app.command()(evaluate.evaluate)
app.command()(fine_tune.fine_tune)
app.command()(runs.runs)
app.command()(configured(script.script))
app.command()(backup.backup)
app.command()(restore.restore)
app.command(hidden=True)(worker.worker)
app.add_typer(class_.app, name="class")
app.add_typer(drawings.app, name="drawings")
app.add_typer(data.app, name="data")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; `arguments` default to the process's own."""
    prepare_output()
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        code = app(given or ["--help"], prog_name=PROGRAM, standalone_mode=False)
        sys.stdout.flush()
        return int(code or 0)
    except BrokenPipeError:
        return give_up_output()
    except typer.TyperException as error:
        return complain(describe_usage(error), error.exit_code)
    except AppError as error:
        return complain(str(error), 2 if isinstance(error, WRONG_ARGUMENTS) else 1)
    except Exception as error:
        if sys.flags.dev_mode:
            raise
        return complain(describe_fault(error), 1)

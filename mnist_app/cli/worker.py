"""`worker`: the program that trains, which the server starts."""

import logging

import typer


def worker() -> None:
    """Train the runs that wait in the queue, until standard input ends. The server starts it."""
    from mnist_app.workspace.workers.worker import main as work

    logging.getLogger().handlers.clear()  # a worker's log has tracebacks
    raise typer.Exit(work())

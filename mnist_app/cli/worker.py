"""`worker`: the training process that the server starts."""

import logging

import typer


def worker() -> None:
    """Train the queued runs until standard input ends. The server starts this command."""
    from mnist_app.workspace.workers.worker import main as work

    logging.getLogger().handlers.clear()  # a worker's log has tracebacks
    raise typer.Exit(work())

"""The check that what a repair replaces is still what the repair was written for."""

from collections.abc import Collection, Sequence
from types import FunctionType


def check_patched(function: object, parameters: Sequence[str], uses: Collection[str], repair: str) -> None:
    """Compare a function of a library, as it came, with what a repair knows of it.

    Args:
        function: what the repair replaces.
        parameters: the names of its positional parameters, in order.
        uses: names of functions and attributes that it uses and the repair counts on.
        repair: the module of the repair.

    Raises:
        RuntimeError: the function is another one now.
    """
    if isinstance(function, FunctionType):
        code = function.__code__
        if code.co_varnames[: code.co_argcount] == tuple(parameters) and set(uses) <= set(code.co_names):
            return
    name = getattr(function, "__qualname__", "a function that is gone now")
    raise RuntimeError(f"A library has changed {name}, and {repair} must follow.")

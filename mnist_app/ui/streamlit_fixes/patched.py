"""The check that a library still has the function for which a repair was written."""

from collections.abc import Collection, Sequence
from types import FunctionType


def check_patched(function: object, parameters: Sequence[str], uses: Collection[str], repair: str) -> None:
    """Check a function of a library before a repair replaces it.

    Args:
        function: The library's own function.
        parameters: The expected names of its positional parameters, in order.
        uses: Names of functions and attributes that it is expected to use.
        repair: The module of the repair.

    Raises:
        RuntimeError: The function is missing, or is not as expected.
    """
    if isinstance(function, FunctionType):
        code = function.__code__
        if code.co_varnames[: code.co_argcount] == tuple(parameters) and set(uses) <= set(code.co_names):
            return
    name = getattr(function, "__qualname__", "a function that is missing now")
    raise changed(name, repair)


def changed(what: str, repair: str) -> RuntimeError:
    """Return the error for a library that has changed.

    Args:
        what: The name of what has changed.
        repair: The module that depends on it.
    """
    return RuntimeError(
        f"The installed version of Streamlit or Uvicorn has changed {what}, on which {repair} depends. "
        "Install the versions in requirements.txt, or adapt that module to the new version."
    )

#!/bin/sh
# Runs a script on the first Python that the app can run on: `sh tools/with_python.sh SCRIPT ARGUMENT…`
# PYTHON=… names the one to take. Otherwise .venv's own comes first, so that what is set up stays set up.
# The script gets the standard library only (-S), which is there sooner.

check=${0%/*}/check_python.py
found=""

# Succeeds if $1 is an interpreter that fits; what does not fit is noted in $found, and what cannot
# be run at all (a name that is not there, a link whose target has gone) is passed over.
fits() {
    reason=$("$1" -S "$check" 2>/dev/null) && return 0
    if [ -n "$reason" ] && [ "$1" != .venv/bin/python ]; then
        found="$found${found:+, }$1 ($reason)"
    fi
    return 1
}

if [ -n "${PYTHON:-}" ]; then
    fits "$PYTHON" && exec "$PYTHON" -S "$@"
    found=${found:-"$PYTHON, which cannot be run"}
else
    for candidate in .venv/bin/python python3.13 python3.12 python3.11 python3 python; do
        fits "$candidate" && exec "$candidate" -S "$@"
    done
fi
echo "The app needs Python 3.11, 3.12 or 3.13 (CPython, 64 bit), but found ${found:-none}:" \
    "install one, or name one with PYTHON=/path/to/python." >&2
exit 1

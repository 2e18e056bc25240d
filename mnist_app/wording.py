"""How numbers are written for people, the same on pages and in a terminal: shares, counts, durations."""


def percent(share: float, places: int = 1) -> str:
    """Return a share of things that were counted, such as an accuracy.

    Only 1 itself is "100 %" and only 0 itself is "0 %": what lies closer to them than the last place shows is
    "over 99.9 %" or "under 0.1 %".

    Args:
        share: from 0 to 1.
        places: digits after the point.
    """
    edge = 10.0 ** -(places + 2)
    if share <= 0 or share >= 1:
        return "0 %" if share <= 0 else "100 %"
    if share < edge or share > 1 - edge:
        word, shown = ("under", edge) if share < edge else ("over", 1 - edge)
        return f"{word} {100 * shown:.{places}f} %"
    return f"{100 * share:.{places}f} %"


def percent_likely(share: float) -> str:
    """Return a network's probability as a percentage that never claims to be certain.

    Softmax reaches neither 0 nor 1; a float32 may be rounded to them.

    Args:
        share: from 0 to 1.
    """
    return percent(min(max(float(share), 1e-9), 1 - 1e-9))


def number(value: float, places: int = 2) -> str:
    """Return a number with a sign that is read as one, such as "−1.30"; what rounds to 0 has none."""
    return f"{round(float(value), places) + 0.0:,.{places}f}".replace("-", "−")


def counted(count: int, what: str, several: str = "") -> str:
    """Return a count with its noun, such as "1 run" or "12,000 runs".

    Args:
        count: how many.
        what: the noun for one.
        several: the noun for any other count, where it is not made with an "s".
    """
    return f"{count:,} {what if count == 1 else several or what + 's'}"


def with_article(digit: int) -> str:
    """Return a digit as it is said, such as "a 7" or "an 8"."""
    return f"an {digit}" if digit == 8 else f"a {digit}"


def duration(seconds: float) -> str:
    """Return a duration, such as "8 s", "3 min 20 s" or "1 h 5 min"."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"

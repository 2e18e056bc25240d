"""The wording of shares, counts and durations, for pages and commands alike."""


def percent(share: float, places: int = 1) -> str:
    """Return a share as a percentage, such as an accuracy.

    Only 1 itself is "100 %" and only 0 itself is "0 %". Shares that would round to them are "over 99.9 %" or
    "under 0.1 %".

    Args:
        share: From 0 to 1.
        places: Digits after the point.
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

    Softmax reaches neither 0 nor 1, but a float32 may be rounded to them.

    Args:
        share: From 0 to 1.
    """
    return percent(min(max(float(share), 1e-9), 1 - 1e-9))


def number(value: float, places: int = 2) -> str:
    """Return a number with a minus sign instead of a hyphen, such as "−1.30"; a rounded 0 has no sign."""
    return f"{round(float(value), places) + 0.0:,.{places}f}".replace("-", "−")


def counted(count: int, what: str, several: str = "") -> str:
    """Return a count with its noun, such as "1 run" or "12,000 runs".

    Args:
        count: The number of things.
        what: The singular of the noun.
        several: The plural of the noun; by default the singular with an "s".
    """
    return f"{count:,} {what if count == 1 else several or what + 's'}"


def with_article(digit: int) -> str:
    """Return a digit with its article, such as "a 7" or "an 8"."""
    return f"an {digit}" if digit == 8 else f"a {digit}"


def duration(seconds: float) -> str:
    """Return a duration, such as "8 s", "3 min 20 s" or "1 h 5 min"."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"

"""Good files with a few places changed, for whatever reads what comes from outside."""

from hypothesis import strategies as st


def mutated(content: bytes, data: st.DataObject) -> bytes:
    """The content with up to four places where a byte is changed, or bytes are cut out or put in."""
    changed = bytearray(content)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, max(len(changed) - 1, 0)))
        match data.draw(st.sampled_from(["change", "cut", "insert"])):
            case "change" if changed:
                changed[place] ^= data.draw(st.integers(1, 255))
            case "cut":
                del changed[place : place + data.draw(st.integers(1, 200))]
            case _:
                changed[place:place] = data.draw(st.binary(min_size=1, max_size=50))
    return bytes(changed)

"""Who is here: whoever is connected, no longer, and in an order that stays."""

from mnist_app.ui.shared.presence import REMEMBERED, Presence


class Room:
    """Sessions that are connected or not, and a clock."""

    def __init__(self) -> None:
        self.connected: set[str] = set()
        self.now = 0.0
        self.presence = Presence(self.connected.__contains__, lambda: self.now)

    def come(self, session: str, name: str = "", page: str = "Draw") -> None:
        self.connected.add(session)
        self.presence.touch(session, name=name, page=page)

    def here(self) -> list[str]:
        return [each.session for each in self.presence.here()]


def test_whoever_closes_the_tab_is_gone_and_whoever_comes_back_has_stayed() -> None:
    room = Room()
    room.come("a")
    room.now = 10.0
    room.come("b")
    assert room.here() == ["a", "b"]
    room.connected.remove("a")
    assert room.here() == ["b"]
    room.connected.add("a")
    assert [each.since for each in room.presence.here()] == [0.0, 10.0]


def test_who_looks_at_a_page_for_an_hour_is_here_all_the_time() -> None:
    room = Room()
    room.come("a")
    room.now = 3600.0
    room.come("b")
    assert room.here() == ["a", "b"]


def test_the_page_and_the_name_are_the_latest() -> None:
    room = Room()
    room.come("a", page="Draw")
    room.now = 5.0
    room.come("a", "Ada", "Train")
    visitor = room.presence.here()[0]
    assert (visitor.name, visitor.page, visitor.since, visitor.seen) == ("Ada", "Train", 0.0, 5.0)


def test_those_with_names_come_first() -> None:
    room = Room()
    for session, name in (("a", ""), ("b", "zoe"), ("c", "Ada"), ("d", ""), ("e", "Émile")):
        room.come(session, name)
        room.now += 1
    assert room.here() == ["c", "e", "b", "a", "d"]


def test_those_who_went_are_not_remembered_for_ever() -> None:
    room = Room()
    for number in range(100):
        room.come(str(number))
    came = set(room.connected)
    room.connected.clear()
    room.now = REMEMBERED
    room.come("new")
    room.connected |= came
    assert room.here() == ["new"]

"""HTML holds text from outside only as text: what stands in it is escaped, our own, or a number."""

import ast
import re
from collections.abc import Iterator

import pytest
from test_outside_text import UI, Function, name_of

TAG = re.compile(r"<[a-z/]")
ESCAPES = {"escape"}
NUMBERS = {
    *(
        "with_article",
        "percent",
        "percent_likely",
        "duration",
        "len",
        "sum",
        "int",
        "min",
        "max",
        "round",
        "number",
    ),
    *("_minutes", "_power", "_signed", "_short", "_size", "_style", "_plane"),
}
"""Functions that give numbers, with units or words of ours."""
PICTURES = {"png_uri", "svg_uri", "_data_uri", "signed_picture", "signed_style"}
"""Functions that give the address or the colour of a picture that was made here."""
SENTENCES = {
    *("agreement", "_moment_sentence", "_largest_terms", "_what_comes_in", "_arrival"),
    "replace_marks",  # of our own texts, and `test_outside_text` sees to that
}
"""Functions that give sentences of ours with numbers."""
FIELDS = {"digit", "index", "answer", "truth", "shape", "size", "dtype", "epochs", "image"}
"""Attributes that hold numbers, whatever they are attributes of."""
NUMERIC = re.compile(r"(int|float|bool|Probabilities|Floats|Pixels|NDArray\[.*\])( \| None)?")
"""Annotations of parameters that are numbers."""
HANDS_ON = {
    "figure": (0, 1),
    "show_answer_panel": (0, 1),
    "row": (0, 1, 2),
    "sign": (0,),
    "bars": (2,),
    "ten_bars": (0,),
    "grey_legend": (1,),
    "signed_legend": (1, 2),
}
"""Makers of HTML that put these arguments in as they come, so that their callers are checked."""
HANDED = "put in as it came; the callers are checked"
OWN_NAMES: dict[str, dict[str, str]] = {
    "train/first_layer.py": {
        **dict.fromkeys(["count", "place"], "a number"),
        **dict.fromkeys(["words", "legend", "uri", "kind", "of_all"], "made or written in this file"),
    },
    "train/run_view.py": {"name": "training or validation", "written": "a number"},
    "class_drawings/fine_tuning.py": {
        **dict.fromkeys(["right", "total"], "a number"),
        "words": "percentages and counts",
    },
    "learn/contents.py": {"turned": "a number"},
    "learn/convolution.py": {
        **dict.fromkeys(["row", "column", "chosen", "inked", "place", "height", "width"], "a number"),
        "caption": "written by the callers in this file",
    },
    "learn/data.py": {"inked": "a number", "pixels": "numbers", "material": "numbers"},
    "learn/neuron.py": {"chosen": "the name of a function of this file", "material": "numbers"},
    "learn/normalise.py": {
        **dict.fromkeys(["row", "column", "before", "place", "value"], "numbers"),
    },
    "learn/one_hot.py": {"as_numbers": "a number"},
    "learn/own_digit.py": {"words": "of a caption that is written in this file, and numbers"},
    "learn/optimisers.py": {"pictures": "made in this file"},
    "learn/parameters.py": {"layer": "of a network of ours"},
    "learn/plots.py": {
        **dict.fromkeys(["height", "width", "middle_x", "middle_y"], "a number"),
        "source": "the address of a picture",
        "curve": "its kind is written by the callers",
    },
    "learn/testing.py": {"name": "written by the callers in this file", "answer": "a digit"},
    "learn/training.py": {"batch_size": "a number", "size": "a number"},
    "look_inside/digit_map.py": {
        "meaning": HANDED,
        **dict.fromkeys(["x", "y", "across", "down"], "numbers"),
    },
    "look_inside/maps.py": {
        **dict.fromkeys(["height", "width"], "a number"),
        **dict.fromkeys(["identifier", "style"], "of a layer of ours, and a picture"),
        **dict.fromkeys(["words", "shown", "grid", "caption", "name"], "made or written in this file"),
    },
    "look_inside/places.py": {"words": "directions"},
    "look_inside/what_if.py": {"title": "written by the callers in this file", "mark": "likewise"},
    "draw/answer_panel.py": dict.fromkeys(["answer", "ladder"], HANDED),
    "pages/draw.py": {"outcome": "its HTML is what `answer_html` and `message_html` give"},
    "parts/answer.py": {
        **dict.fromkeys(["digit", "kind", "second"], "a number, or a word written in this file"),
        **dict.fromkeys(["sure", "runner_up"], "sentences of this file"),
    },
    "parts/bars.py": {"label": "a digit, or a word of ours", **dict.fromkeys(["text", "content"], HANDED)},
    "parts/figures.py": {
        **dict.fromkeys(["content", "caption", "text", "figures", "meaning"], HANDED),
        **dict.fromkeys(["height", "width"], "a number"),
        **dict.fromkeys(["style", "kind", "colours"], "of ours"),
    },
    "parts/image_answer.py": {
        **dict.fromkeys(["alternative", "sure"], "numbers"),
        **dict.fromkeys(["note", "line"], HANDED),
        "meaning": HANDED,
        **dict.fromkeys(["article", "stage"], "words of this file, and a number"),
        "source": "the address of a picture",
    },
    "parts/ladder.py": dict.fromkeys(["caption", "meaning", "values"], "written in this file"),
    "parts/terms.py": {"identifier": "numbers", "words": "between tags as escaped, else Markdown of ours"},
    "runs/run_comparison.py": {"colour": "of ours", "sign": "of ours"},
}
"""By file: local names that hold our own words, numbers or HTML, with the reason."""


def is_html(node: ast.AST) -> bool:
    """Whether this is a text with tags into which something is put."""
    is_text = isinstance(node, ast.JoinedStr)
    return is_text and any(isinstance(p, ast.Constant) and TAG.search(str(p.value)) for p in node.values)


class Html(Function):
    """A function's body; texts with tags in it are checked where they stand."""

    def __init__(self, node: ast.AST, own: dict[str, str], makers: set[str]) -> None:
        super().__init__(node, own | numbers_of(node))
        self.makers = makers

    def is_own(self, node: ast.expr, seen: frozenset[str] = frozenset()) -> bool:
        if is_html(node):
            return True
        if isinstance(node, ast.Attribute) and node.attr in FIELDS:
            return True
        if isinstance(node, ast.Starred):
            return self.is_own(node.value, seen)
        return super().is_own(node, seen)

    def _is_own_call(self, call: ast.Call, seen: frozenset[str]) -> bool:
        name = name_of(call.func)
        if name in ESCAPES | NUMBERS | PICTURES | SENTENCES | self.makers:
            return True
        if name == "map":
            return name_of(call.args[0]) in ESCAPES | NUMBERS | self.makers | {"str"}
        return super()._is_own_call(call, seen)


def numbers_of(node: ast.AST) -> dict[str, str]:
    """The parameters of a function that are numbers, and what counts in its loops."""
    found = []
    if isinstance(node, ast.FunctionDef):
        parameters = [*node.args.args, *node.args.kwonlyargs]
        found += [p.arg for p in parameters if p.annotation and NUMERIC.fullmatch(ast.unparse(p.annotation))]
    for each in ast.walk(node):
        if isinstance(each, (ast.comprehension, ast.For)) and isinstance(each.iter, ast.Call):
            counted = {"range": each.target}
            if isinstance(each.target, ast.Tuple):
                counted["enumerate"] = each.target.elts[0]
            target = counted.get(name_of(each.iter.func))
            found += [target.id] if isinstance(target, ast.Name) else []
    return dict.fromkeys(found, "a number")


def makers_in(trees: list[ast.Module]) -> set[str]:
    """The functions that give HTML: its tags stand in them, or they hand on what another one gives."""
    functions = [each for tree in trees for each in ast.walk(tree) if isinstance(each, ast.FunctionDef)]
    texts = [each for each in functions if each.returns and ast.unparse(each.returns) == "str"]
    makers = {each.name for each in texts if any(map(has_tags, ast.walk(each)))}
    for _ in range(3):
        makers |= {each.name for each in texts if set(map(name_of, returned_calls(each))) & makers}
    return makers


def returned_calls(function: ast.FunctionDef) -> list[ast.expr]:
    return [each.func for each in returned(function) if isinstance(each, ast.Call)]


def returned(function: ast.FunctionDef) -> list[ast.expr]:
    found = [each.value for each in ast.walk(function) if isinstance(each, ast.Return)]
    return [each for each in found if each is not None]


def has_tags(node: ast.AST) -> bool:
    is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return is_html(node) or (is_text and TAG.search(node.value) is not None)


def put_in(node: ast.AST, makers: set[str]) -> Iterator[ast.expr]:
    """What a node puts into HTML or onto the page as HTML."""
    if (
        isinstance(node, ast.FunctionDef)
        and node.name in makers
        and ast.unparse(node.returns or node) == "str"
    ):
        yield from returned(node)
    if is_html(node):
        yield from (part for part in node.values if isinstance(part, ast.FormattedValue))
    if isinstance(node, ast.Call):
        name = name_of(node.func)
        if isinstance(node.func, ast.Attribute) and name == "html":
            yield from node.args[:1]
        places = HANDS_ON.get(name, ())
        yield from (node.args[place] for place in places if place < len(node.args))
        yield from (
            word.value for word in node.keywords if places and word.arg in ("caption", "mark", "kind")
        )


def faults(source: str, file: str, makers: set[str]) -> list[str]:
    """All that a file puts into HTML of which this test does not see that it is our own."""
    tree = ast.parse(source)
    functions = [each for each in ast.walk(tree) if isinstance(each, (ast.FunctionDef, ast.Lambda))]
    found = {}
    for function in [tree, *functions]:
        known = Html(function, OWN_NAMES.get(file, {}), makers)
        for node in ast.walk(function):
            for part in put_in(node, makers):
                text = part.value if isinstance(part, ast.FormattedValue) else part
                # The innermost function comes last: its names count.
                found[part.lineno, part.col_offset, ast.unparse(text)] = known.is_own(part)
    return [f"{file}:{line}: {text}" for (line, _, text), is_own in sorted(found.items()) if not is_own]


def test_what_stands_in_html_is_our_own_or_escaped() -> None:
    sources = {file.relative_to(UI).as_posix(): file.read_text("utf-8") for file in sorted(UI.rglob("*.py"))}
    makers = makers_in([ast.parse(source) for source in sources.values()])
    assert len(makers) > 30
    found = [fault for file, source in sources.items() for fault in faults(source, file, makers)]
    assert found == [], "Pass text from outside through `html.escape`:\n" + "\n".join(found)


@pytest.mark.parametrize(
    "source",
    [
        "st.html(run.name)",
        "st.html(f'<b>{run.name}</b>')",
        "place.html('<b>' + run.reason + '</b>')",
        "def row_html(name: str) -> str:\n    return f'<td>{name}</td>'",
        "def rows(runs):\n    return ''.join(f'<td>{run.person}</td>' for run in runs)",
        "def show(run):\n    words = run.name\n    st.html(f'<b>{words}</b>')",
        "figures.figure(picture, run.name)",
        "bars(DIGITS, shares, [run.person], 'ten bars')",
    ],
)
def test_what_stands_in_html_as_it_came_is_found(source: str) -> None:
    assert faults(source, "made_up.py", {"bars", "figure"})


@pytest.mark.parametrize(
    "source",
    [
        "st.html('<b>words</b>')",
        "st.html(f'<b>{html.escape(run.name)}</b> {accuracy:.1f}')",
        "def row(place: int, run) -> str:\n    name = escape(run.name)\n    return f'<p>{place} {name}'",
        "st.html(crisp_image(image, 'A digit', 84))",
    ],
)
def test_numbers_and_what_is_escaped_may_stand_in_html(source: str) -> None:
    assert not faults(source, "made_up.py", {"crisp_image"})

"""Spans become one tree whatever they say of their parents, and each branch is the sum of what is in it."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from firsttoken.analyse.critical_path import critical_times
from firsttoken.analyse.trace_tree import Piece, TracedCall, Tree

CALL = TracedCall(
    "openai", "gpt-5.1", "chat", True, "completed", 5, 5, 10, 2, False, Decimal("0.1"), "USD", False, ("x",)
)


def piece(span: str, parent: str | None = None, begin: int = 0, end: int = 100, **more) -> Piece:
    return Piece(span, parent, span, "call" if "call" in more else "other", "shop", "app", begin, end, False, **more)


def shape(tree: Tree) -> list[str]:
    """Every span, indented by how deep it lies."""
    return ["." * depth + tree.pieces[number].span_id for number, depth in tree.walk(tree.roots, lambda _: True)]


def test_children_stand_below_their_parent_in_the_order_of_their_start() -> None:
    tree = Tree([piece("c", "a", 30), piece("a"), piece("b", "a", 10), piece("d", "b", 20)])
    assert shape(tree) == ["a", ".b", "..d", ".c"]


def test_a_span_without_its_parent_is_a_root_that_says_so() -> None:
    tree = Tree([piece("a"), piece("b", "gone", 10)])
    assert list(zip(shape(tree), tree.places, strict=True)) == [("a", "root"), ("b", "orphan")]


def test_spans_that_are_one_anothers_parents_are_all_there_once() -> None:
    tree = Tree([piece("a", "c"), piece("b", "a", 1), piece("c", "b", 2), piece("d", "c", 3), piece("e", "e", 4)])
    assert shape(tree) == ["a", ".b", "..c", "...d", "e"]
    assert tree.places == ["circle", "child", "child", "child", "circle"]


def test_of_spans_with_one_id_the_first_in_time_stands_and_the_others_are_counted() -> None:
    tree = Tree([piece("a", begin=5), piece("a", begin=1), piece("b", "a", 7)])
    assert (shape(tree), tree.repeated, tree.pieces[0].started_unix_ns) == (["a", ".b"], 1, 1)


def test_a_branch_sums_what_is_in_it_and_currencies_apart() -> None:
    euros = TracedCall(
        "x", None, "chat", False, "failed", None, None, None, None, True, Decimal(1), "EUR", False, ("x",)
    )
    pieces = [piece("a"), piece("b", "a", 1), piece("c", "b", 2, call=CALL), piece("d", "b", 3, call=CALL)]
    tree = Tree([*pieces, piece("e", "a", 4, call=euros)])
    whole, inner = tree.branches[0], tree.branches[1]
    assert (inner.spans, inner.calls, inner.input_tokens, inner.cost) == (3, 2, 20, {"USD": Decimal("0.2")})
    assert (whole.spans, whole.calls, whole.calls_without_usage) == (5, 3, 1)
    assert whole.cost == {"USD": Decimal("0.2"), "EUR": Decimal(1)}


def test_the_largest_branches_are_kept_with_calls_before_all_others() -> None:
    tree = Tree(
        [
            piece("root", end=1000),
            piece("long", "root", 1, 900),
            piece("below", "long", 2, 3),
            piece("short", "root", 3, 30),
            piece("call", "short", 4, 20, call=CALL),
        ]
    )
    chosen = tree.largest(3, tree.roots)
    assert {tree.pieces[number].span_id for number in chosen} == {"root", "short", "call"}


def test_a_chain_of_spans_may_be_as_deep_as_there_are_spans() -> None:
    deep = 20_000
    tree = Tree([piece(str(number), str(number - 1) if number else None, number) for number in range(deep)])
    assert tree.branches[0].spans == deep
    assert len(critical_times(tree, 0)) > 0


def test_the_critical_path_goes_back_from_the_last_to_end() -> None:
    tree = Tree(
        [
            piece("root", end=100),
            piece("first", "root", 10, 40),
            piece("beside", "root", 12, 30),
            piece("last", "root", 50, 90),
            piece("inner", "last", 60, 200),
        ]
    )
    times = {tree.pieces[number].span_id: ns for number, ns in critical_times(tree, 0).items()}
    assert times == {"root": 10 + 10 + 10, "first": 30, "last": 10, "inner": 30}


names = st.sampled_from("abcdefg")


@given(st.lists(st.tuples(names, st.none() | names, st.integers(0, 50), st.integers(0, 50))))
def test_whatever_spans_say_each_is_there_once_and_the_path_is_no_longer_than_its_root(told) -> None:
    tree = Tree([piece(span, parent, begin, begin + length) for span, parent, begin, length in told])
    assert sorted(tree.order) == list(range(len(tree.pieces)))
    assert sum(tree.branches[root].spans for root in tree.roots) == len({span for span, *_ in told})
    for root in tree.roots:
        own = tree.pieces[root]
        assert sum(critical_times(tree, root).values()) == own.ended_unix_ns - own.started_unix_ns

"""The labelled lines of the benchmark: how many of them are judged rightly."""

from bench.classify import GOAL, LINES, RECALL_GOAL, Figures, judge

JUDGED = judge(LINES.read_text(encoding="utf-8").splitlines())


def test_there_are_enough_lines_and_as_many_harmless_ones_as_errors() -> None:
    figures = Figures.of(JUDGED)

    assert figures.lines >= 400
    assert 0.4 < figures.errors / figures.lines < 0.6
    assert len({each.message for each in JUDGED}) == figures.lines


def test_errors_are_found_and_little_else_is() -> None:
    figures = Figures.of(JUDGED)

    assert figures.precision >= GOAL
    assert figures.recall >= RECALL_GOAL


def test_no_kind_of_line_is_left_behind() -> None:
    kinds = {kind: Figures.of(each for each in JUDGED if each.kind == kind) for kind in {each.kind for each in JUDGED}}

    assert [kind for kind, each in kinds.items() if min(each.precision, each.recall) < 0.9] == []

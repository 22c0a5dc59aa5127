"""Gaps for property tests, and the question that they are all about."""

from collections.abc import Iterable

from hypothesis import strategies as st

from chalicelib.domain.scanning.gaps import Gap, GapReason
from chalicelib.domain.scanning.windows import Window

NAMES = tuple(f"/aws/lambda/a-function-with-quite-a-long-name-{number:02}" for number in range(60))

WINDOWS = st.builds(lambda start, seconds: Window(start, start + seconds), st.integers(0, 10**6), st.integers(1, 5_000))
REASONS = st.sampled_from([GapReason.FAILED, GapReason.TIMED_OUT, GapReason.TRUNCATED])
GAPS = st.builds(
    Gap,
    window=WINDOWS,
    log_groups=st.lists(st.sampled_from(NAMES), max_size=50, unique=True).map(lambda names: tuple(sorted(names))),
    reason=REASONS,
    tries=st.integers(1, 5),
)
SPANS = st.builds(
    Gap,
    window=WINDOWS,
    log_groups=st.just(()),
    reason=REASONS,
    tries=st.integers(1, 5),
    span=st.tuples(st.sampled_from(NAMES[:30]), st.sampled_from(NAMES[30:])),
)


def covered(gaps: Iterable[Gap], second: int, name: str) -> bool:
    """Return whether one of the gaps is about this log group at this time."""
    return any(gap.window.start <= second < gap.window.end and gap.concerns(name) for gap in gaps)

"""What records can hold, for properties."""

from hypothesis import strategies as st

NAMES = [
    *("message", "msg", "log", "body", "fields", "record", "event", "level", "severity", "error", "err", "exception"),
    *("errorType", "errorMessage", "stackTrace", "stack", "cause", "reason", "errors", "attributes", "resourceLogs"),
    *("status", "method", "path", "request", "res", "context", "type", "details", "frames", "thrown", "@t", "@mt"),
]
_scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)

json_values = st.recursive(
    _scalars
    | st.sampled_from(["Traceback (most recent call last):", '{"msg": "inner"}', "a\n\tat b.C.d(C.java:1)", "500"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=15,
)
json_objects = st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=5), json_values, max_size=6)

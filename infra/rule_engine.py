"""LocalStack's rule engine as a filter: reads patterns and events as JSON, writes which of them match as JSON.

It runs in an environment of its own (requirements-rules.txt), as its package wants other versions than ours do;
`infra/check_rules.py` starts it.
"""

import json
import sys

from localstack.services.events.event_rule_engine import EventPatternCompiler, EventRuleEngine


def main() -> None:
    """Write for each event a list of whether each pattern matches it."""
    given = json.load(sys.stdin)
    compiler, engine = EventPatternCompiler(), EventRuleEngine()
    patterns = [compiler.compile_event_pattern(each) for each in given["patterns"]]
    decided = [[engine.evaluate_pattern_on_event(each, event) for each in patterns] for event in given["events"]]
    json.dump(decided, sys.stdout)


if __name__ == "__main__":
    main()

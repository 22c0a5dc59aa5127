"""A plugin of coverage.py: branches by sys.monitoring before Python 3.14, too (ADR 19 says why).

There coverage.py would trace every line of every module, for as long as the tests run. It monitors, and looks at a line
until it was run, where Python tells a branch's two ways apart; here one event stands for both.
"""

import dis
import sys
from collections import defaultdict
from types import CodeType

from coverage import bytecode, core, env, sysmon


class BranchMonitor(sysmon.SysMonitor):
    """Looks at a branch until both of its ways were taken."""

    def __init__(self) -> None:
        super().__init__()
        self._taken: defaultdict[tuple[int, int], set[int]] = defaultdict(set)

    def sysmon_branch_either(
        self, code: CodeType, instruction_offset: int, destination_offset: int
    ) -> sysmon.MonitorReturn:
        """Note a way that is new, and hear no more of the branch if there is no other."""
        taken = self._taken[id(code), instruction_offset]
        if destination_offset not in taken:
            taken.add(destination_offset)
            super().sysmon_branch_either(code, instruction_offset, destination_offset)
        return sysmon.DISABLE if len(taken) > 1 else None


def coverage_init(_registry: object, _options: object) -> None:
    """Let coverage.py, which calls this before it measures, take Python for one that can."""
    if not env.PYBEHAVIOR.branch_right_left:
        env.PYBEHAVIOR.branch_right_left = True
        bytecode.RETURNS.add(dis.opmap["RETURN_CONST"])  # as 3.14 has none
        event = sys.monitoring.events.BRANCH
        vars(sys.monitoring.events).update(BRANCH_LEFT=event, BRANCH_RIGHT=event)
        vars(core).update(SysMonitor=BranchMonitor)

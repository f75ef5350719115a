"""The judge: which promises did a schedule break, by what clients were told and by the books?"""

from scenarios.proving.judging.account import Account, Heard, Remains
from scenarios.proving.judging.judge import Findings, judge_end, judge_now

__all__ = ["Account", "Findings", "Heard", "Remains", "judge_end", "judge_now"]

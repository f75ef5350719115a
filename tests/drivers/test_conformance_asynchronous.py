"""The conformance suite, every test of it, with the plans carried out in an event loop.

The fixtures of this folder give the same tests another shop, so that the answers must be those of
the blocking driver, word for word, and the books must balance as they do there.
"""

import pytest

from scenarios.conformance.test_abandoned_plans import *  # noqa: F403
from scenarios.conformance.test_crowds import *  # noqa: F403
from scenarios.conformance.test_hold_life import *  # noqa: F403

pytestmark = [pytest.mark.live, pytest.mark.slow]

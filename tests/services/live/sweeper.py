"""A sweeper process: `python -m tests.services.live.sweeper ADDRESS SECONDS`, pickled, in hex.

It sweeps and finishes in a loop, and prints how many turns did something.
"""

from __future__ import annotations

import pickle
import sys
import time

from inventory_core.drivers import carry_out
from inventory_core.services.order_flow import OrderFlow
from inventory_core.stores.service import connect_service
from inventory_core.strategy import registry


def main() -> None:
    """Sweep for so many seconds."""
    address = pickle.loads(bytes.fromhex(sys.argv[1]))
    until_s = time.monotonic() + float(sys.argv[2])
    flow = OrderFlow({name: registry.make(name) for name in address.engines})
    session = connect_service(address)
    print("ready", flush=True)
    worked = 0
    while time.monotonic() < until_s:
        worked += carry_out(flow.sweep(), session.perform)
        carry_out(flow.finish(), session.perform)
        time.sleep(0.001)
    session.close()
    print(worked, flush=True)


if __name__ == "__main__":
    main()

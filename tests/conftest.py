"""What all tests share. Fixtures live in files named for what they provide; here they meet."""

import signal

pytest_plugins = ["tests.servers"]

# A job in the background of a shell (many a CI runner) has SIGINT ignored, and so would have every
# process that the tests start and interrupt. A handler, any handler, ends that for them.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

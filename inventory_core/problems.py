"""What the user can mend: one clear sentence that says what to do, and exit status 2."""


class Problem(Exception):
    """A usage or environment error. Its text is one sentence a user can act on.

    The command line prints it and exits with status 2; it never becomes a traceback. Bugs are
    `AssertionError` and are never turned into a `Problem`.
    """

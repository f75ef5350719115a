"""What may happen to a pipeline that is nobody's fault: it is waited for, and then tried again."""


class SourceLost(Exception):
    """The connection to the source is gone: open it again, from what was acknowledged."""


class BrokerLost(Exception):
    """The connection to the broker is gone: what was not confirmed is published again."""


class Stopped(Exception):
    """Told to stop, while waiting for a broker that is full."""


class ProductLost(Exception):
    """The product's database takes nothing just now: what was not applied is applied later."""

"""What the tests of this folder share: empty stores on both servers."""

from tests.drivers.conftest import made_stores, stores

__all__ = ["made_stores", "stores"]

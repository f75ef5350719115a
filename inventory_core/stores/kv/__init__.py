"""Redis and Valkey: scripts by their SHA, under a key prefix of our own."""

from inventory_core.stores.kv.cluster import tagged
from inventory_core.stores.kv.redis_part import RedisPart
from inventory_core.stores.kv.store import RedisStore, leader_of

__all__ = ["RedisPart", "RedisStore", "leader_of", "tagged"]

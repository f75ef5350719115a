"""The stores as pure state: no clock, no thread, no disk; every answer a server could give."""

from scenarios.model.answers import PARTIAL, Answer, Blocked, Done, Failed, OneOf, Partial
from scenarios.model.kv import KvModel
from scenarios.model.place import ModelPlace, ModelSession, model_place
from scenarios.model.sql import SqlModel
from scenarios.model.store import Store

__all__ = [
    "PARTIAL",
    "Answer",
    "Blocked",
    "Done",
    "Failed",
    "KvModel",
    "ModelPlace",
    "ModelSession",
    "OneOf",
    "Partial",
    "SqlModel",
    "Store",
    "model_place",
]

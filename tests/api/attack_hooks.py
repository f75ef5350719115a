"""What the attack has to know of the API: a key names one body, so every request takes a new one.

The document says so in words, and no schema can. Only values that the document allows are
replaced: what is meant to be refused stays as it is.
"""

import itertools
import re

import schemathesis
from schemathesis import GenerationMode

from inventory_core.api.fields import CODE


@schemathesis.serializer("text/csv")
def text_of(context, value):
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")


NAMES = ("number", "key", "return_id", "run", "sequence")
PLANNED = ("/v1/transfers", "/v1/activities")
FILLED = {
    "channel": "mall",
    "address": "Guangdong/Shenzhen/Nanshan",
    "lines": [{"sku": "case-12", "quantity": 1}],
}
"""An order that the sample shop can fill: one for what there is not leads nowhere."""
_fresh = itertools.count(1_000_000)


def _good(value: object) -> bool:
    return isinstance(value, str) and len(value) <= 64 and re.match(CODE, value) is not None


def _whole(value: object) -> bool:
    """To JSON Schema 7.0 is a whole number, too."""
    return type(value) is int or (isinstance(value, float) and value.is_integer())


def _as_documented(case) -> bool:
    """Is the body meant to be taken? One that is meant to be refused stays as it is."""
    meant = case.meta is not None and case.meta.generation.mode is GenerationMode.POSITIVE
    return meant and isinstance(case.body, dict)


@schemathesis.hook
def before_call(context, case, kwargs):
    headers = case.headers or {}
    if _good(headers.get("Idempotency-Key")):
        headers["Idempotency-Key"] = f"key-{next(_fresh)}"
    if isinstance(case.body, dict):
        for name in NAMES:
            if _good(case.body.get(name)):
                case.body[name] = f"{name}-{next(_fresh)}"
            elif name == "sequence" and _whole(case.body.get(name)):
                case.body[name] = next(_fresh) if 0 < case.body[name] <= 2**53 else -1
    order = (case.method, case.path) == ("POST", "/v1/orders") and _as_documented(case)
    if order and next(_fresh) % 2:
        case.body |= FILLED | {"number": f"number-{next(_fresh)}"}
    planned = case.method == "PUT" and case.path.startswith(PLANNED)
    if planned and _good(case.path_parameters.get("code")):
        case.path_parameters["code"] = f"code-{next(_fresh)}"

"""API keys: who may do what. Only admins see and make them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path

from inventory_core.api import keyring
from inventory_core.api.access import Admin, TheShop
from inventory_core.api.audited import audited
from inventory_core.api.bodies.keys import KeyBody, KeyId, KeyShown, NewKeyShown
from inventory_core.api.fields import shown as as_shown
from inventory_core.api.pages import Page, Paging, paging, selecting, shown
from inventory_core.api.problems import documented, not_found
from inventory_core.api.replaying import IdempotencyKey
from inventory_core.records import ApiKey

router = APIRouter(prefix="/v1/keys", tags=["keys"])


@router.post("", status_code=201, summary="Make a key", response_model=NewKeyShown)
async def make(shop: TheShop, key: Admin, body: KeyBody, _: IdempotencyKey = None) -> NewKeyShown:
    """A new key. Its secret is in this answer and nowhere else: a repetition makes another."""
    whole = keyring.WholeKey.fresh()
    plan = keyring.add(whole, body.name, body.role)
    made = await shop.write(audited(key, "key.make", whole.key_id, body, plan))
    assert made is not None, "an id of six random bytes was taken"
    return NewKeyShown(key=str(whole), **as_shown(KeyShown, made).model_dump())


@router.get("", summary="List keys", response_model=Page[KeyShown], responses=documented(404))
async def keys(shop: TheShop, _: Admin, page: Annotated[Paging, Depends(paging)]) -> dict[str, Any]:
    """Keys, without their secrets, in the order of their ids."""
    found = await shop.read(selecting(ApiKey, page))
    return shown(found, page, lambda key: as_shown(KeyShown, key))


@router.delete(
    "/{key_id}", summary="Revoke a key", response_model=KeyShown, responses=documented(404)
)
async def revoke(
    shop: TheShop,
    key: Admin,
    key_id: Annotated[KeyId, Path(description="The part of the key before the dot.")],
) -> KeyShown:
    """Let a key hold no longer. Other processes notice within seconds (`key_memory_s`)."""
    plan = keyring.revoke(key_id)
    ended = await shop.write(audited(key, "key.revoke", key_id, None, plan))
    if ended is None:
        raise not_found(f"key {key_id}")
    shop.keyring.forget(key_id)
    return as_shown(KeyShown, ended)

"""One Lua script a file; `inventory_core.steps.kv.source` reads them."""

-- Units of several cells; unknown cells have 0.
-- KEYS: one cell each
local found = {}
for i = 1, #KEYS do found[i] = redis.call('GET', KEYS[i]) or '0' end
return found

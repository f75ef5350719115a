-- An order, the time, and how much is in its cells: fingerprint, state (empty: unknown), ms, units.
-- KEYS: order, one cell a take
local entry, now = redis.call('HMGET', KEYS[1], 'fp', 'state'), redis.call('TIME')
local now_ms = tonumber(now[1]) * 1000 + math.floor(tonumber(now[2]) / 1000)
local seen = { entry[1] or '', entry[2] or '', string.format('%d', now_ms) }
for i = 2, #KEYS do seen[#seen + 1] = redis.call('GET', KEYS[i]) or '0' end
return seen

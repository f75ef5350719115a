-- An order as it stands: state, generation, and what was asked for; nothing if it is unknown.
-- KEYS: order
local entry = redis.call('HMGET', KEYS[1], 'state', 'gen', 'body')
if not entry[1] then return {} end
return { entry[1], entry[2], entry[3] or '' }

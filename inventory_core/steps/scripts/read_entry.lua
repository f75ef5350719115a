-- An entry of the journal: delta and cell; nothing if there is none.
-- KEYS: journal.   ARGV: key
local entry = redis.call('HGET', KEYS[1], ARGV[1])
if not entry then return {} end
local delta, cell = string.match(entry, '^(%S+) (.*)$')
return { delta, cell }

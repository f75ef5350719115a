-- Write a hold as its rows have it. No counter changes: they are opened with what is left.
-- KEYS: order, holds, one cell a take.   ARGV: number, fingerprint, generation, due ms, quantities
local lines = {}
for i = 3, #KEYS do lines[#lines + 1] = KEYS[i] .. ' ' .. ARGV[i + 2] .. '\n' end
redis.call('HSET', KEYS[1], 'fp', ARGV[2], 'gen', ARGV[3], 'state', 'held',
           'lines', table.concat(lines), 'due', ARGV[4])
redis.call('ZADD', KEYS[2], ARGV[4], ARGV[1])
return 1

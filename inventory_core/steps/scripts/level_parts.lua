-- Deal the units of cells out evenly again where parts differ by more than one; answers of how many.
-- KEYS: scattered, part of nobody.   ARGV: parts, how many cells at most
local parts, levelled = tonumber(ARGV[1]), 0
for _, name in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  local units, total, least, most = {}, 0, math.huge, 0
  for i = 1, parts do
    units[i] = tonumber(redis.call('GET', KEYS[2] .. (i - 1) .. ':' .. name) or '0')
    total, least, most = total + units[i], math.min(least, units[i]), math.max(most, units[i])
  end
  if most - least > 1 then
    local each, more = math.floor(total / parts), total % parts
    for i = 1, parts do
      redis.call('SET', KEYS[2] .. (i - 1) .. ':' .. name, each + (i <= more and 1 or 0))
    end
    levelled = levelled + 1
    if levelled == tonumber(ARGV[2]) then return levelled end
  end
end
return levelled

-- KEYS lease, head. ARGV process, ms. {'taken', term} | {'held', process}
-- The term lives in the head, so that the append script fences a leader whose lease ran out.
local lease = redis.call('GET', KEYS[1])
if lease then
  local holder, term = string.match(lease, '^([^|]*)|(%d+)')
  if holder ~= ARGV[1] then return {'held', holder} end
  if term == redis.call('HGET', KEYS[2], 'term') then
    redis.call('PEXPIRE', KEYS[1], ARGV[2])
    return {'taken', term}
  end
end
local term = redis.call('HINCRBY', KEYS[2], 'term', 1)
redis.call('SET', KEYS[1], ARGV[1] .. '|' .. term, 'PX', ARGV[2])
return {'taken', term}

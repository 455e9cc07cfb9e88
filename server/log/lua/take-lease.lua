-- KEYS lease, head. ARGV process, ms. {'taken', term, 1 if the history is whole} | {'held', process}
-- The term lives in the head, so that the append script fences a leader whose lease ran out.
-- The history is whole if this run of Redis has all of it, or if its last leader said that nothing came after.
local function take_whole()
  local head = redis.call('HMGET', KEYS[2], 'epoch', 'nonce', 'run', 'whole')
  local run = this_run()
  if head[1] and head[3] ~= run and head[4] ~= head[2] then return 0 end
  redis.call('HSET', KEYS[2], 'run', run)
  return 1
end
local lease = redis.call('GET', KEYS[1])
if lease then
  local holder, term = string.match(lease, '^([^|]*)|(%d+)')
  if holder ~= ARGV[1] then return {'held', holder} end
  if term == redis.call('HGET', KEYS[2], 'term') then
    redis.call('PEXPIRE', KEYS[1], ARGV[2])
    return {'taken', term, take_whole()}
  end
end
local term = redis.call('HINCRBY', KEYS[2], 'term', 1)
redis.call('SET', KEYS[1], ARGV[1] .. '|' .. term, 'PX', ARGV[2])
return {'taken', term, take_whole()}

-- A new epoch, if the head is still the one that was found wanting. Its history begins with a checkpoint.
-- KEYS log, head, checkpoint. ARGV epoch, seq, nonce (found; 0, 0, '' for none), new epoch, base, new nonce, checkpoint, channel
local head = redis.call('HMGET', KEYS[2], 'epoch', 'seq', 'nonce')
if tonumber(head[1] or 0) ~= tonumber(ARGV[1]) or tonumber(head[2] or 0) ~= tonumber(ARGV[2])
  or (head[3] or '') ~= ARGV[3] then
  return 0
end
redis.call('DEL', KEYS[1])
redis.call('SET', KEYS[3], ARGV[7])
redis.call('HSET', KEYS[2], 'epoch', ARGV[4], 'seq', ARGV[5], 'nonce', ARGV[6], 'base', ARGV[5],
  'base_nonce', ARGV[6], 'checkpoint', ARGV[5], 'run', this_run())
-- Of a class that is over: this epoch is not archived yet.
for _, key in ipairs(KEYS) do redis.call('PERSIST', key) end
redis.call('PUBLISH', ARGV[8], ARGV[4] .. '|' .. ARGV[5] .. '|' .. ARGV[6])
return 1

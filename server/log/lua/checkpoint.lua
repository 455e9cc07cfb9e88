-- KEYS log, head, checkpoint. ARGV epoch, seq, checkpoint, seq of the oldest entry to keep.
local head = redis.call('HMGET', KEYS[2], 'epoch', 'checkpoint')
if head[1] ~= ARGV[1] or tonumber(head[2] or 0) >= tonumber(ARGV[2]) then return 0 end
redis.call('SET', KEYS[3], ARGV[3])
redis.call('HSET', KEYS[2], 'checkpoint', ARGV[2])
redis.call('XTRIM', KEYS[1], 'MINID', ARGV[4] .. '-0')
return 1

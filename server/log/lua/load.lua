-- Head, checkpoint and the entries after it, of one moment.
-- KEYS log, head, checkpoint. ARGV limit. {'none'} | {'loaded', epoch, seq, nonce, base, base nonce, checkpoint, entries}
local head = redis.call('HMGET', KEYS[2], 'epoch', 'seq', 'nonce', 'base', 'base_nonce', 'checkpoint')
if not head[1] then return {'none'} end
local after = head[6] or head[4]
local entries = redis.call('XRANGE', KEYS[1], '(' .. after .. '-0', '+', 'COUNT', ARGV[1])
return {'loaded', head[1], head[2], head[3], head[4], head[5], redis.call('GET', KEYS[3]) or '', entries}

-- KEYS lease, head. ARGV value, channel, nonce of the last append, or ''. Whoever follows the class hears that it is free.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
-- Written after all that was acknowledged: where this is, all of that is.
if ARGV[3] ~= '' then redis.call('HSET', KEYS[2], 'whole', ARGV[3]) end
redis.call('DEL', KEYS[1])
redis.call('PUBLISH', ARGV[2], 'free')
return 1

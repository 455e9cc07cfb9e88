-- The leader has met a restarted Redis. KEYS head. ARGV nonce of the last append: with it, all is there.
if redis.call('HGET', KEYS[1], 'nonce') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'run', this_run())
return 1

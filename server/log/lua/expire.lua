-- The class is over and archived: if nothing has happened since, Redis forgets it in a while.
-- KEYS log, head, checkpoint. ARGV nonce, ms.
if redis.call('HGET', KEYS[2], 'nonce') ~= ARGV[1] then return 0 end
for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, ARGV[2]) end
return 1

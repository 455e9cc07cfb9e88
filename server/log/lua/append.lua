-- Compare and append: the facts become history only if the head is the one they were decided from.
-- KEYS log, head, checkpoint. ARGV epoch, seq, nonce (expected), term, new nonce, channel, limit of missed entries, facts...
-- {'appended', seq} | {'fenced', term} | what history_after says was missed
local head = redis.call('HMGET', KEYS[2], 'epoch', 'seq', 'nonce', 'term')
if tonumber(ARGV[4]) < tonumber(head[4] or 0) then return {'fenced', head[4]} end
local epoch, seq = tonumber(ARGV[1]), tonumber(ARGV[2])
if tonumber(head[1] or 0) ~= epoch or tonumber(head[2] or 0) ~= seq or (head[3] or '') ~= ARGV[3] then
  return history_after(KEYS[1], KEYS[2], epoch, seq, ARGV[3], tonumber(ARGV[7]))
end
for i = 8, #ARGV do
  seq = seq + 1
  redis.call('XADD', KEYS[1], string.format('%.0f-0', seq), 'f', ARGV[i], 'n', ARGV[5])
end
if epoch == 0 then
  -- The first facts of a class; the log of a failed creation cannot be there, as head and log change together.
  epoch = 1
  redis.call('HSET', KEYS[2], 'epoch', 1, 'base', 0, 'base_nonce', '')
end
redis.call('HSET', KEYS[2], 'seq', string.format('%.0f', seq), 'nonce', ARGV[5])
-- Of a class that is over: what happens now is not archived yet.
for _, key in ipairs(KEYS) do redis.call('PERSIST', key) end
redis.call('PUBLISH', ARGV[6], string.format('%.0f|%.0f|%s', epoch, seq, ARGV[5]))
return {'appended', epoch, string.format('%.0f', seq)}

-- Entries after `seq`, if the stream's history is the one that had `nonce` at `seq`.
-- {'none'} | {'foreign'|'trimmed', epoch, seq, nonce} | {'entries', epoch, seq, nonce, entries}
-- The entry at `seq` itself may come first: the reader skips it.
local function history_after(log, head_key, epoch, seq, nonce, limit)
  local head = redis.call('HMGET', head_key, 'epoch', 'seq', 'nonce', 'base', 'base_nonce')
  if not head[1] then return {'none'} end
  if tonumber(head[1]) ~= epoch or tonumber(head[2]) < seq then
    return {'foreign', head[1], head[2], head[3]}
  end
  if tonumber(head[2]) == seq then
    if head[3] ~= nonce then return {'foreign', head[1], head[2], head[3]} end
    return {'entries', head[1], head[2], head[3], {}}
  end
  local id = string.format('%.0f-0', seq)
  local entries = redis.call('XRANGE', log, id, '+', 'COUNT', limit + 1)
  if seq == tonumber(head[4]) then
    -- An epoch begins with a checkpoint, not with an entry.
    if head[5] ~= nonce then return {'foreign', head[1], head[2], head[3]} end
  else
    local first = entries[1]
    if not first or first[1] ~= id then return {'trimmed', head[1], head[2], head[3]} end
    if first[2][4] ~= nonce then return {'foreign', head[1], head[2], head[3]} end
  end
  return {'entries', head[1], head[2], head[3], entries}
end

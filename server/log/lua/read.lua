-- KEYS log, head. ARGV epoch, seq, nonce, limit.
return history_after(KEYS[1], KEYS[2], tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4]))

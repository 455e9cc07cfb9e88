-- Of Redis: another one after every restart, and on a replica that took over.
local function this_run()
  return string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
end

/**
 * window.ts for all nodes together. Args: kind, key, limit, length in ms, wanted, most keys. Answer: granted, ms until
 * the window ends. A window begins with its first take; with too many keys, the hundred windows that end first are
 * forgotten.
 */
export const takeWindow = `
local used, ends = base .. ARGV[1] .. ':used', base .. ARGV[1] .. ':ends'
local field, limit, length, wanted = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local endsAt = tonumber(redis.call('ZSCORE', ends, field))
local spent = 0
if endsAt and endsAt > now then
  spent = tonumber(redis.call('HGET', used, field)) or 0
else
  local isFull = not endsAt and redis.call('ZCARD', ends) >= tonumber(ARGV[6])
  endsAt = now + length
  -- Before the removal: see the first write of leases.ts.
  redis.call('ZADD', ends, endsAt, field)
  redis.call('HSET', used, field, 0)
  if isFull then
    local popped = redis.call('ZPOPMIN', ends, 100)
    for index = 1, #popped, 2 do redis.call('HDEL', used, popped[index]) end
  end
end
local granted = math.max(0, math.min(wanted, limit - spent))
if granted > 0 then redis.call('HINCRBY', used, field, granted) end
redis.call('PEXPIRE', used, length)
redis.call('PEXPIRE', ends, length)
return {granted, endsAt - now}
`;

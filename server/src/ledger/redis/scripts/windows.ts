/**
 * Finds the window of a key, or opens a new one. If there are too many keys, it deletes the hundred windows that end
 * first.
 */
const openWindow = `
local function openWindow(kind, field, length, most)
  local used, ends = base .. kind .. ':used', base .. kind .. ':ends'
  local endsAt = tonumber(redis.call('ZSCORE', ends, field))
  local spent = 0
  if endsAt and endsAt > now then
    spent = tonumber(redis.call('HGET', used, field)) or 0
  else
    local isFull = not endsAt and redis.call('ZCARD', ends) >= most
    endsAt = now + length
    -- Write before deleting: see the first write of leases.ts.
    redis.call('ZADD', ends, endsAt, field)
    redis.call('HSET', used, field, 0)
    if isFull then
      local popped = redis.call('ZPOPMIN', ends, 100)
      for index = 1, #popped, 2 do redis.call('HDEL', used, popped[index]) end
    end
  end
  return used, spent, endsAt
end

local function keepWindows(kind, length)
  redis.call('PEXPIRE', base .. kind .. ':used', length)
  redis.call('PEXPIRE', base .. kind .. ':ends', length)
end
`;

/**
 * Takes tokens from the window that all nodes share (see window.ts). If there is no window, it opens one. Args: kind,
 * key, limit, length in ms, number of wanted tokens, maximum number of keys. Answer: number of granted tokens, ms until
 * the window ends.
 */
export const takeWindow = `${openWindow}
local field, limit, length, wanted = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local used, spent, endsAt = openWindow(ARGV[1], field, length, tonumber(ARGV[6]))
local granted = math.max(0, math.min(wanted, limit - spent))
if granted > 0 then redis.call('HINCRBY', used, field, granted) end
keepWindows(ARGV[1], length)
return {granted, endsAt - now}
`;

/** Puts tokens back into a window. The number of used tokens can become negative, down to -`mostFree`. */
export const giveBackTo = `${openWindow}
local function giveBackTo(kind, field, length, count, mostFree, most)
  local used, spent, endsAt = openWindow(kind, field, length, most)
  redis.call('HSET', used, field, math.max(-mostFree, spent - count))
  keepWindows(kind, length)
  return endsAt
end
`;

/**
 * Puts one token back. Args: kind, key, length in ms, `mostFree`, maximum number of keys. Answer: number of used
 * tokens, ms until the window ends.
 */
export const giveBack = `${giveBackTo}
local endsAt = giveBackTo(ARGV[1], ARGV[2], tonumber(ARGV[3]), 1, tonumber(ARGV[4]), tonumber(ARGV[5]))
return {tonumber(redis.call('HGET', base .. ARGV[1] .. ':used', ARGV[2])), endsAt - now}
`;

/**
 * Args: lease, then for each IP address: the address, the number of its seats. Replaces the list that the lease had.
 * When the lease expires, leases.ts takes one handshake per seat off the count of each address.
 */
export const noteAddresses = `
local name = base .. ARGV[1] .. ':addresses'
-- Write before deleting: see the first write of leases.ts.
redis.call('HSET', name, 'at', now)
redis.call('DEL', name)
if #ARGV > 1 and isLive(ARGV[1]) then
  redis.call('HSET', name, unpack(ARGV, 2))
  keep(ARGV[1] .. ':addresses')
end
return {'noted'}
`;

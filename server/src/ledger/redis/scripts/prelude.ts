/**
 * The beginning of all scripts. KEYS[1] is the base, the start of all names of keys. It contains a {hash tag}, so that
 * the whole ledger of a cluster is in one slot of a Redis Cluster.
 * The keys of a lease are `<base><lease>:seats`, `:users`, `:room:<room>`, `:user:<user>`, and `:names`, which lists
 * the room and user keys.
 * All counts are sums over the live leases, so a dead node's seats and room entries no longer count when its lease
 * ends. Scripts use the clock of Redis.
 */
export const prelude = `
local base = KEYS[1]
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
-- A key expires after an hour without renewal.
local KEEP_MS = 3600000

local function keep(name) redis.call('PEXPIRE', base .. name, KEEP_MS) end

local function liveLeases() return redis.call('ZRANGEBYSCORE', base .. 'leases', '(' .. now, '+inf') end

local function isLive(lease)
  local ends = redis.call('ZSCORE', base .. 'leases', lease)
  return ends and tonumber(ends) > now
end

local function sumOfSizes(leases, suffix)
  local sum = 0
  for _, lease in ipairs(leases) do sum = sum + redis.call('HLEN', base .. lease .. suffix) end
  return sum
end

local function holdSeat(lease, user, socket)
  if redis.call('HSETNX', base .. lease .. ':seats', socket, user) == 0 then return end
  redis.call('HINCRBY', base .. lease .. ':users', user, 1)
  keep(lease .. ':seats')
  keep(lease .. ':users')
end

local function holdEntry(lease, user, room, socket)
  if redis.call('HSETNX', base .. lease .. ':room:' .. room, socket, user) == 0 then return end
  redis.call('HINCRBY', base .. lease .. ':user:' .. user, room, 1)
  redis.call('SADD', base .. lease .. ':names', ':room:' .. room, ':user:' .. user)
  keep(lease .. ':room:' .. room)
  keep(lease .. ':user:' .. user)
  keep(lease .. ':names')
end

-- The lease, other than this one, whose hash with this suffix maps the holder to the value.
local function leaseElsewhere(leases, lease, suffix, holder, value)
  for _, other in ipairs(leases) do
    if other ~= lease and redis.call('HGET', base .. other .. suffix, holder) == value then return other end
  end
end

-- Decrements a field and removes it at zero; true when the whole key is gone.
local function countDown(name, field)
  if redis.call('HINCRBY', base .. name, field, -1) <= 0 then redis.call('HDEL', base .. name, field) end
  return redis.call('EXISTS', base .. name) == 0
end

local function dropSeat(lease, user, socket)
  redis.call('HDEL', base .. lease .. ':seats', socket)
  countDown(lease .. ':users', user)
end

local function dropEntry(lease, user, room, socket)
  local name = ':room:' .. room
  redis.call('HDEL', base .. lease .. name, socket)
  if redis.call('EXISTS', base .. lease .. name) == 0 then redis.call('SREM', base .. lease .. ':names', name) end
  if countDown(lease .. ':user:' .. user, room) then redis.call('SREM', base .. lease .. ':names', ':user:' .. user) end
end
`;

import { giveBackTo } from "./windows.ts";

/**
 * Writes seats and room entries under a lease that has not begun yet. Args: lease, then for each of its keys: name,
 * number of strings, the strings (fields and values in turn).
 */
export const declare = `
local lease, index = ARGV[1], 2
while index <= #ARGV do
  local name, count = ARGV[index], tonumber(ARGV[index + 1])
  redis.call('HSET', base .. lease .. name, unpack(ARGV, index + 2, index + 1 + count))
  keep(lease .. name)
  if name ~= ':seats' and name ~= ':users' then redis.call('SADD', base .. lease .. ':names', name) end
  index = index + 2 + count
end
keep(lease .. ':names')
return {'declared'}
`;

// The first write of a script must need memory, so that a full Redis refuses the whole script. If the first write freed
// memory, Redis would accept it and all later writes of the script. The lease could begin, and Redis would refuse its
// renewal.
const hold = `
redis.call('ZADD', base .. 'leases', now + tonumber(ARGV[2]), lease)
`;

// Runs after a lease was begun or renewed. Ends the expired leases of other nodes, and answers with the cluster's
// counts. Clients of a dead node have to reconnect because of the server, so their handshakes are taken off the counts
// of their addresses.
const afterwards = `${giveBackTo}
for _, dead in ipairs(redis.call('ZRANGEBYSCORE', base .. 'leases', '-inf', now, 'LIMIT', 0, 100)) do
  redis.call('ZREM', base .. 'leases', dead)
  redis.call('SADD', base .. 'ended', dead)
  local noted = redis.call('HGETALL', base .. dead .. ':addresses')
  for index = 1, #noted, 2 do
    giveBackTo('addresses', noted[index], 900000, tonumber(noted[index + 1]) or 0, 100000, 200000)
  end
  redis.call('DEL', base .. dead .. ':addresses')
end
for _, name in ipairs({'leases', 'ended', lease .. ':seats', lease .. ':users', lease .. ':names', lease .. ':addresses'}) do keep(name) end
local leases = liveLeases()
local version = tonumber(redis.call('GET', base .. 'revoked-version')) or 0
return {'held', #leases, sumOfSizes(leases, ':seats'), version, redis.call('SCARD', base .. 'ended')}
`;

/**
 * Args: lease, length in ms. Answer: `held`, number of nodes, number of seats, version of the revocations, number of
 * ended leases whose keys still exist; or `lapsed` if the lease has ended. An expired lease is renewed too if no other
 * node has ended it yet, because its keys are complete.
 */
export const renewLease = `
local lease = ARGV[1]
if not redis.call('ZSCORE', base .. 'leases', lease) then return {'lapsed'} end
${hold}${afterwards}`;

/**
 * Args: lease, length in ms, the leases that it replaces. One script begins the new lease and ends the old ones, so
 * that each seat and room entry counts exactly once.
 */
export const beginLease = `
local lease = ARGV[1]
${hold}
for index = 3, #ARGV do
  redis.call('ZREM', base .. 'leases', ARGV[index])
  redis.call('SADD', base .. 'ended', ARGV[index])
end
${afterwards}`;

/** Args: lease. Ends the lease. Its seats and room entries no longer count. */
export const endLease = `
redis.call('ZREM', base .. 'leases', ARGV[1])
redis.call('SADD', base .. 'ended', ARGV[1])
keep('ended')
return {'ended'}
`;

/**
 * Deletes keys of ended leases, one page per call. Several nodes can call it at once. Args: the caller's lease, an
 * ended lease (first call: ""), cursor (first call: "0"). Answer: lease and cursor for the next call, number of ended
 * leases whose keys still exist. Uses SSCAN, because SPOP gets slow when a large set empties.
 */
export const freeLease = `
local lease, cursor = ARGV[2], ARGV[3]
if redis.call('SISMEMBER', base .. 'ended', lease) == 0 then lease, cursor = redis.call('SRANDMEMBER', base .. 'ended'), '0' end
if not lease then return {'', '0', 0} end
local page = redis.call('SSCAN', base .. lease .. ':names', cursor, 'COUNT', 200)
for _, name in ipairs(page[2]) do redis.call('UNLINK', base .. lease .. name) end
if page[1] == '0' then
  redis.call('UNLINK', base .. lease .. ':seats', base .. lease .. ':users', base .. lease .. ':names', base .. lease .. ':addresses')
  redis.call('SREM', base .. 'ended', lease)
end
return {lease, page[1], redis.call('SCARD', base .. 'ended')}
`;

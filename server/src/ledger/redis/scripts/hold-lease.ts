// Renewing and beginning share what follows a lease that holds: others' dead leases end, and the node hears how the cluster is.
const afterwards = `
redis.call('ZADD', base .. 'leases', now + tonumber(ARGV[2]), lease)
for _, dead in ipairs(redis.call('ZRANGEBYSCORE', base .. 'leases', '-inf', now, 'LIMIT', 0, 100)) do
  redis.call('ZREM', base .. 'leases', dead)
  redis.call('SADD', base .. 'ended', dead)
end
for _, name in ipairs({'leases', 'ended', lease .. ':seats', lease .. ':users', lease .. ':names'}) do keep(name) end
local leases = liveLeases()
local version = tonumber(redis.call('GET', base .. 'revoked-version')) or 0
return {'held', #leases, sumOfSizes(leases, ':seats'), version, redis.call('SCARD', base .. 'ended')}
`;

/**
 * lease, its length in ms → held, nodes, seats, version of the revocations, leases to be freed | lapsed. A lease that nobody has
 * ended yet is renewed even when late: its keys are whole.
 */
export const renewLease = `
local lease = ARGV[1]
if not redis.call('ZSCORE', base .. 'leases', lease) then return {'lapsed'} end
${afterwards}`;

/** lease, its length in ms, then the leases it replaces: all at once, so that nothing is counted twice or not at all. */
export const beginLease = `
local lease = ARGV[1]
for index = 3, #ARGV do
  redis.call('ZREM', base .. 'leases', ARGV[index])
  redis.call('SADD', base .. 'ended', ARGV[index])
end
${afterwards}`;

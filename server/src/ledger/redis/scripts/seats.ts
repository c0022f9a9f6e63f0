/**
 * Args: lease, user, socket, maxConnections, maxConnectionsPerUser. Answer: taken | global | user | lapsed, seats in
 * the cluster.
 */
export const takeSeat = `
local lease, user, socket, most, mostOfUser = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
if not isLive(lease) then return {'lapsed'} end
local leases = liveLeases()
local total = sumOfSizes(leases, ':seats')
if redis.call('HEXISTS', base .. lease .. ':seats', socket) == 1 then return {'taken', total} end
if total >= most then return {'global', total} end
local ofUser = 0
for _, other in ipairs(leases) do ofUser = ofUser + (tonumber(redis.call('HGET', base .. other .. ':users', user)) or 0) end
if ofUser >= mostOfUser then return {'user', total} end
holdSeat(lease, user, socket)
return {'taken', total + 1}
`;

/** Args: lease, user, socket. Counts a connection that exists already, whatever the limits. */
export const addSeat = `
holdSeat(ARGV[1], ARGV[2], ARGV[3])
return {'added'}
`;

/** Args: lease, socket. Answer: released | absent, seats in the cluster. Does nothing for a lease that has ended. */
export const releaseSeat = `
local lease, socket = ARGV[1], ARGV[2]
local user = redis.call('HGET', base .. lease .. ':seats', socket)
if user then
  redis.call('HDEL', base .. lease .. ':seats', socket)
  countDown(lease .. ':users', user)
end
return {user and 'released' or 'absent', sumOfSizes(liveLeases(), ':seats')}
`;

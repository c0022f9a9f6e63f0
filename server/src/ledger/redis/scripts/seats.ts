/**
 * Args: lease, user, socket, maxConnections, maxConnectionsPerUser, and the socket of the client's last connection or
 * "". Answer: `taken`, `global` (cluster full), `user` (user at the limit) or `lapsed`; then the number of seats in the
 * cluster. The seat of the last connection moves to the new socket without a check of the limits, because the last
 * connection's node can be dead.
 */
export const takeSeat = `
local lease, user, socket, most, mostOfUser = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
if not isLive(lease) then return {'lapsed'} end
local leases = liveLeases()
local total = sumOfSizes(leases, ':seats')
if redis.call('HEXISTS', base .. lease .. ':seats', socket) == 1 then return {'taken', total} end
local former = ARGV[6] ~= '' and (leaseElsewhere(leases, '', ':seats', ARGV[6], user))
if former then
  holdSeat(lease, user, socket)
  dropSeat(former, user, ARGV[6])
  return {'taken', total}
end
if total >= most then return {'global', total} end
local ofUser = 0
for _, other in ipairs(leases) do ofUser = ofUser + (tonumber(redis.call('HGET', base .. other .. ':users', user)) or 0) end
if ofUser >= mostOfUser then return {'user', total} end
holdSeat(lease, user, socket)
return {'taken', total + 1}
`;

/** Args: lease, user, socket. Adds a seat that this node has already granted, so it does not check the limits. */
export const addSeat = `
holdSeat(ARGV[1], ARGV[2], ARGV[3])
return {'added'}
`;

/**
 * Args: lease, socket. Answer: `released`, or `absent` if the lease has no such seat; then the number of seats in the
 * cluster.
 */
export const releaseSeat = `
local lease, socket = ARGV[1], ARGV[2]
local user = redis.call('HGET', base .. lease .. ':seats', socket)
if user then dropSeat(lease, user, socket) end
return {user and 'released' or 'absent', sumOfSizes(liveLeases(), ':seats')}
`;

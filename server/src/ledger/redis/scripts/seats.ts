/**
 * Args: lease, user, socket, maxConnections, maxConnectionsPerUser, and the former socket of this client, or "".
 * Answer: `taken`, `global`, `user` or `lapsed`, then the seats in the cluster. The seat of a former socket moves to
 * the new socket even above the limits, because the former socket's node may be dead.
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

/** Args: lease, user, socket. Counts an existing connection without checking the limits. */
export const addSeat = `
holdSeat(ARGV[1], ARGV[2], ARGV[3])
return {'added'}
`;

/**
 * Args: lease, socket. Answer: `released` or `absent`, then the seats in the cluster. Does nothing when the lease has
 * ended.
 */
export const releaseSeat = `
local lease, socket = ARGV[1], ARGV[2]
local user = redis.call('HGET', base .. lease .. ':seats', socket)
if user then dropSeat(lease, user, socket) end
return {user and 'released' or 'absent', sumOfSizes(liveLeases(), ':seats')}
`;

/** lease, user, socket, most of all, most of the user → taken | global | user | lapsed, seats in all. */
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

/** lease, socket → released | absent, seats in all. Of a lease that has ended there is nothing to release, and nothing happens. */
export const releaseSeat = `
local lease, socket = ARGV[1], ARGV[2]
local user = redis.call('HGET', base .. lease .. ':seats', socket)
if user then
  redis.call('HDEL', base .. lease .. ':seats', socket)
  countDown(lease .. ':users', user)
end
return {user and 'released' or 'absent', sumOfSizes(liveLeases(), ':seats')}
`;

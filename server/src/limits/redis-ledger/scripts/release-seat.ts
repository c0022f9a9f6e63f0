/** lease, socket. Of a lease that has ended there is nothing to release, and nothing happens. */
export const releaseSeat = `
local lease, socket = ARGV[1], ARGV[2]
local user = redis.call('HGET', base .. lease .. ':seats', socket)
if not user then return {'absent'} end
redis.call('HDEL', base .. lease .. ':seats', socket)
countDown(lease .. ':users', user)
return {'released'}
`;

/** lease, room, socket → left | absent, sockets still in the room. */
export const leaveRoom = `
local lease, room, socket = ARGV[1], ARGV[2], ARGV[3]
local name = lease .. ':room:' .. room
local user = redis.call('HGET', base .. name, socket)
if not user then return {'absent', sumOfSizes(liveLeases(), ':room:' .. room)} end
redis.call('HDEL', base .. name, socket)
if redis.call('EXISTS', base .. name) == 0 then redis.call('SREM', base .. lease .. ':names', ':room:' .. room) end
if countDown(lease .. ':user:' .. user, room) then redis.call('SREM', base .. lease .. ':names', ':user:' .. user) end
return {'left', sumOfSizes(liveLeases(), ':room:' .. room)}
`;

/**
 * Args: lease, user, room, socket, maxRoomsPerUser. Answer: entered, sockets in the room, 1 when new | full, the user's
 * rooms | lapsed.
 */
export const enterRoom = `
local lease, user, room, socket, most = ARGV[1], ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
if not isLive(lease) then return {'lapsed'} end
local leases = liveLeases()
local count = sumOfSizes(leases, ':room:' .. room)
if redis.call('HEXISTS', base .. lease .. ':room:' .. room, socket) == 1 then return {'entered', count, 0} end
if redis.call('HEXISTS', base .. lease .. ':user:' .. user, room) == 0 then
  local rooms, different = {}, 0
  for _, other in ipairs(leases) do
    for _, name in ipairs(redis.call('HKEYS', base .. other .. ':user:' .. user)) do
      if not rooms[name] then rooms[name], different = true, different + 1 end
    end
  end
  if not rooms[room] and different >= most then return {'full', different} end
end
holdEntry(lease, user, room, socket)
return {'entered', count + 1, 1}
`;

/** Args: lease, user, room, socket. Counts an entry that exists already, whatever the limit. */
export const addEntry = `
holdEntry(ARGV[1], ARGV[2], ARGV[3], ARGV[4])
return {'added'}
`;

/** Args: lease, room, socket. Answer: left | absent, sockets still in the room. */
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

/** Args: lease, room. Answer: the user of every socket in it. */
export const members = `
local users = {}
for _, lease in ipairs(liveLeases()) do
  for _, user in ipairs(redis.call('HVALS', base .. lease .. ':room:' .. ARGV[2])) do users[#users + 1] = user end
end
return users
`;

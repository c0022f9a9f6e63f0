/** lease, user, room, socket, most rooms of the user → entered, sockets in the room, whether new | full, the user's rooms | lapsed. */
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

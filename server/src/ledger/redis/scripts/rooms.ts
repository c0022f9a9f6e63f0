/**
 * Args: lease, user, room, socket, maxRoomsPerUser. For a returning client also the hash of its pid and the generation
 * of its claim: its entry on another node moves to this lease. Answer: `entered`, number of sockets in the room, 1 if
 * the entry is new; or `full`, number of the user's rooms; or `lapsed`; or `taken` if another gateway has claimed the
 * client's session in the meantime.
 */
export const enterRoom = `
local lease, user, room, socket, most = ARGV[1], ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
if not isLive(lease) then return {'lapsed'} end
local leases = liveLeases()
local count = sumOfSizes(leases, ':room:' .. room)
if ARGV[6] then
  local generation = tonumber(redis.call('HGET', base .. 'session:' .. ARGV[6], 'g') or '')
  if generation and generation > tonumber(ARGV[7]) then return {'taken'} end
end
if redis.call('HEXISTS', base .. lease .. ':room:' .. room, socket) == 1 then return {'entered', count, 0} end
local former = ARGV[6] and leaseElsewhere(leases, lease, ':room:' .. room, socket, user)
if former then
  holdEntry(lease, user, room, socket)
  dropEntry(former, user, room, socket)
  return {'entered', count, 1}
end
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

/**
 * Args: lease, user, room, socket. Adds an entry that this node has already granted, so it does not check the limit.
 */
export const addEntry = `
holdEntry(ARGV[1], ARGV[2], ARGV[3], ARGV[4])
return {'added'}
`;

/**
 * Args: lease, room, socket, 1 to remove the socket's entries on every node. Answer: `left`, or `absent` if there was
 * no entry; then the number of sockets in the room.
 */
export const leaveRoom = `
local lease, room, socket = ARGV[1], ARGV[2], ARGV[3]
local leases = liveLeases()
local left = 'absent'
local function leave(from)
  local user = redis.call('HGET', base .. from .. ':room:' .. room, socket)
  if not user then return end
  dropEntry(from, user, room, socket)
  left = 'left'
end
leave(lease)
if ARGV[4] == '1' then for _, other in ipairs(leases) do leave(other) end end
return {left, sumOfSizes(leases, ':room:' .. room)}
`;

/** Args: lease, room. Answer: the user of each socket in the room. */
export const members = `
local users = {}
for _, lease in ipairs(liveLeases()) do
  for _, user in ipairs(redis.call('HVALS', base .. lease .. ':room:' .. ARGV[2])) do users[#users + 1] = user end
end
return users
`;

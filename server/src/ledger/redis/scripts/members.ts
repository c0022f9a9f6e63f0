/** lease, room → the user of every socket in it. */
export const members = `
local users = {}
for _, lease in ipairs(liveLeases()) do
  for _, user in ipairs(redis.call('HVALS', base .. lease .. ':room:' .. ARGV[2])) do users[#users + 1] = user end
end
return users
`;

/**
 * Looks up seats, users and rooms of a lease. Args: lease, then names. Answer: one value per name, or "" if the lease
 * does not have it. The value of `s<socket>` is the socket's user; of `u<user>`, the user's number of seats; of
 * `:room:<room>`, the number of sockets; of `:user:<user>`, the number of rooms. Also renews the expiry of the room and
 * user keys.
 */
export const inspect = `
local lease, found = ARGV[1], {}
for index = 2, #ARGV do
  local kind, name = string.sub(ARGV[index], 1, 1), string.sub(ARGV[index], 2)
  if kind == ':' then
    local size = redis.call('HLEN', base .. lease .. ARGV[index])
    keep(lease .. ARGV[index])
    found[#found + 1] = size > 0 and size or ''
  else
    found[#found + 1] = redis.call('HGET', base .. lease .. (kind == 's' and ':seats' or ':users'), name) or ''
  end
end
return found
`;

/**
 * Lists the names that `inspect` takes. Args: lease; `seats`, `users` or `names` (rooms, and rooms of users); cursor.
 * Answer: next cursor, then names.
 */
export const listHoldings = `
local lease, kind, cursor = ARGV[1], ARGV[2], ARGV[3]
local command = kind == 'names' and 'SSCAN' or 'HSCAN'
local page = redis.call(command, base .. lease .. ':' .. kind, cursor, 'COUNT', 500)
local found = {page[1]}
if kind == 'names' then
  for _, name in ipairs(page[2]) do found[#found + 1] = name end
else
  for index = 1, #page[2], 2 do found[#found + 1] = string.sub(kind, 1, 1) .. page[2][index] end
end
return found
`;

/**
 * lease, then holdings: s<socket> → its user, u<user> → its seats, :room:<room> and :user:<user> → their sizes; "" for what is not
 * there. Keys that are looked at are kept.
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

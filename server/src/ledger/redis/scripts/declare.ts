/** lease that has not begun, then of each of its keys: the name, how many strings follow, and these: fields and values. */
export const declare = `
local lease, index = ARGV[1], 2
while index <= #ARGV do
  local name, count = ARGV[index], tonumber(ARGV[index + 1])
  redis.call('HSET', base .. lease .. name, unpack(ARGV, index + 2, index + 1 + count))
  keep(lease .. name)
  if name ~= ':seats' and name ~= ':users' then redis.call('SADD', base .. lease .. ':names', name) end
  index = index + 2 + count
end
keep(lease .. ':names')
return {'declared'}
`;

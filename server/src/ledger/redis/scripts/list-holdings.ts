/** lease, seats | users | names, cursor → the next cursor, then holdings as inspect.ts names them. */
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

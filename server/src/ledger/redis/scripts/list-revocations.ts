/** cursor → the next cursor, then key and "moment end" of each. */
export const listRevocations = `
local page = redis.call('HSCAN', base .. 'revoked', ARGV[1], 'COUNT', 500)
local found = {page[1]}
for _, value in ipairs(page[2]) do found[#found + 1] = value end
return found
`;

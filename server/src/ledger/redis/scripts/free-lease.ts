/**
 * the asker's lease, a lease that has ended and how far its keys are removed, "" and 0 at first → the same for the next call, and
 * how many are left. Any node may do it, several at once, again from the beginning: what is gone is gone. Its list of keys is
 * read by a cursor and kept to the end, because taking random members out of a large set becomes slow as it empties.
 */
export const freeLease = `
local lease, cursor = ARGV[2], ARGV[3]
if redis.call('SISMEMBER', base .. 'ended', lease) == 0 then lease, cursor = redis.call('SRANDMEMBER', base .. 'ended'), '0' end
if not lease then return {'', '0', 0} end
local page = redis.call('SSCAN', base .. lease .. ':names', cursor, 'COUNT', 200)
for _, name in ipairs(page[2]) do redis.call('UNLINK', base .. lease .. name) end
if page[1] == '0' then
  redis.call('UNLINK', base .. lease .. ':seats', base .. lease .. ':users', base .. lease .. ':names')
  redis.call('SREM', base .. 'ended', lease)
end
return {lease, page[1], redis.call('SCARD', base .. 'ended')}
`;

/** Removes up to 500 keys of a lease that has ended → how many are left. Any node may do it, several at once, again and again. */
export const freeLease = `
-- ARGV[1] is the asker's own lease, which every node says first.
local lease = redis.call('SRANDMEMBER', base .. 'ended')
if not lease then return {0} end
local names = redis.call('SPOP', base .. lease .. ':names', 500)
for _, name in ipairs(names) do redis.call('UNLINK', base .. lease .. name) end
if #names < 500 then
  redis.call('UNLINK', base .. lease .. ':seats', base .. lease .. ':users', base .. lease .. ':names')
  redis.call('SREM', base .. 'ended', lease)
end
return {redis.call('SCARD', base .. 'ended')}
`;

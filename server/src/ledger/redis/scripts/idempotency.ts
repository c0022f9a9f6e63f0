/** Args: key, ttl in ms. Answer: 1 for the first use within the ttl, otherwise 0. */
export const claim = `
return {redis.call('SET', base .. 'once:' .. ARGV[1], '1', 'NX', 'PX', ARGV[2]) and 1 or 0}
`;

/**
 * Args: message id, length of a period in ms, maximum number of ids per period. Answer: 1 the first time, 0 afterwards.
 * Each period has a hash of its ids. An id counts as used if it is in the hash of this period or of the previous one.
 */
export const claimMessage = `
local ms = tonumber(ARGV[2])
local period = math.floor(now / ms)
local this = base .. 'sent:' .. string.format('%.0f', period)
local last = base .. 'sent:' .. string.format('%.0f', period - 1)
if redis.call('HEXISTS', this, ARGV[1]) == 1 or redis.call('HEXISTS', last, ARGV[1]) == 1 then return {0} end
if redis.call('HLEN', this) < tonumber(ARGV[3]) then
  redis.call('HSET', this, ARGV[1], '')
  redis.call('PEXPIRE', this, 2 * ms)
end
return {1}
`;

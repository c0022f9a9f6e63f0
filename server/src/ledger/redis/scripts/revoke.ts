/**
 * channel, most remembered, then key, moment ("" for now) and end of each → the moments. Told on the channel as "version moment
 * end key". What is known already or over is passed by; those that end first are forgotten when there are too many.
 */
export const revoke = `
local moments = {}
for index = 3, #ARGV, 3 do
  local target, moment, ends = ARGV[index], tonumber(ARGV[index + 1]) or now, tonumber(ARGV[index + 2])
  moments[#moments + 1] = moment
  -- What somebody else has written there counts as nothing.
  local knownMoment, knownEnds = string.match(redis.call('HGET', base .. 'revoked', target) or '', '^(%d+) (%d+)$')
  if ends > now and not (knownMoment and tonumber(knownMoment) >= moment) then
    ends = math.max(ends, tonumber(knownEnds) or 0)
    redis.call('HSET', base .. 'revoked', target, string.format('%.0f %.0f', moment, ends))
    redis.call('ZADD', base .. 'revoked-ends', ends, target)
    local version = redis.call('INCR', base .. 'revoked-version')
    redis.call('PUBLISH', ARGV[1], string.format('%.0f %.0f %.0f ', version, moment, ends) .. target)
  end
end
local over = redis.call('ZRANGEBYSCORE', base .. 'revoked-ends', '-inf', now, 'LIMIT', 0, 1000)
local excess = redis.call('ZCARD', base .. 'revoked-ends') - #over - tonumber(ARGV[2])
if excess > 0 then
  for _, target in ipairs(redis.call('ZRANGE', base .. 'revoked-ends', #over, #over + excess - 1)) do over[#over + 1] = target end
end
for _, target in ipairs(over) do
  redis.call('HDEL', base .. 'revoked', target)
  redis.call('ZREM', base .. 'revoked-ends', target)
end
local last = redis.call('ZRANGE', base .. 'revoked-ends', -1, -1, 'WITHSCORES')
if last[2] then
  for _, name in ipairs({'revoked', 'revoked-ends', 'revoked-version'}) do redis.call('PEXPIREAT', base .. name, math.floor(last[2])) end
end
return moments
`;

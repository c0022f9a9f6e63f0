/**
 * Args: channel; maximum number of revocations in Redis; then for each revocation: its key, the time from which it
 * holds ("" = now), the time at which it ends. Answer: for each revocation, the time from which it holds. Publishes
 * each new one as "VERSION FROM END KEY". Skips those that are known or have ended. If there are too many, drops those
 * that end first.
 */
export const revoke = `
local moments = {}
for index = 3, #ARGV, 3 do
  local target, moment, ends = ARGV[index], tonumber(ARGV[index + 1]) or now, tonumber(ARGV[index + 2])
  moments[#moments + 1] = moment
  -- A value that another program wrote counts as absent.
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

/** Args: cursor. Answer: next cursor, then for each revocation its key and "FROM END". */
export const listRevocations = `
local page = redis.call('HSCAN', base .. 'revoked', ARGV[1], 'COUNT', 500)
local found = {page[1]}
for _, value in ipairs(page[2]) do found[#found + 1] = value end
return found
`;

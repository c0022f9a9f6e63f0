// Sessions in Redis: `session:<hash of the pid>` with user `u`, namespace `n`, socket id `i`, owner `o`, generation
// `g`, token id `j`, the time its token was issued `a`, what its client had before `h`, and `r:<room>` for each room:
// whether others know of the member, and the offset at which it entered. `sessions` lists them by the time they were
// last kept.

/** how long a session lives, sessions at most, a JSON list of [what, hash, generation, ...]. */
const saveSessions = `
local base, keepMs, most = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2])
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
for _, change in ipairs(cjson.decode(ARGV[3])) do
  local what, hash, generation = change[1], change[2], change[3]
  local key = base .. 'session:' .. hash
  local held = redis.call('HGET', key, 'g')
  local isOurs = not held or held == generation
  if what == 'end' then
    if isOurs then
      redis.call('UNLINK', key)
      redis.call('ZREM', base .. 'sessions', hash)
    end
  elseif isOurs and (held or what == 'all') then
    if what == 'all' then redis.call('DEL', key) end
    if what == 'all' or what == 'set' then redis.call('HSET', key, unpack(change, 4)) end
    if what == 'unset' then redis.call('HDEL', key, change[4]) end
    redis.call('PEXPIRE', key, keepMs)
    redis.call('ZADD', base .. 'sessions', now, hash)
  end
end
redis.call('ZREMRANGEBYSCORE', base .. 'sessions', '-inf', now - keepMs)
local excess = redis.call('ZCARD', base .. 'sessions') - most
if excess > 0 then
  local oldest = redis.call('ZPOPMIN', base .. 'sessions', math.min(excess, 1000))
  for index = 1, #oldest, 2 do redis.call('UNLINK', base .. 'session:' .. oldest[index]) end
end
redis.call('PEXPIRE', base .. 'sessions', keepMs)
return {'saved'}
`;

/**
 * hash, user, namespace, the new owner → the session's fields, its generation raised; none when it is not this user's
 * there.
 */
const claimSession = `
local key = KEYS[1] .. 'session:' .. ARGV[1]
local held = redis.call('HMGET', key, 'u', 'n')
if held[1] ~= ARGV[2] or held[2] ~= ARGV[3] then return {} end
local fields = redis.call('HGETALL', key)
local generation = redis.call('HINCRBY', key, 'g', 1)
redis.call('HSET', key, 'o', ARGV[4])
redis.call('PUBLISH', KEYS[1] .. 'claims', ARGV[1] .. ' ' .. generation .. ' ' .. ARGV[4])
return fields
`;

export const sessionScripts = { saveSessions, claimSession };

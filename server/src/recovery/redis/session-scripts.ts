// Sessions in Redis. The hash `session:<hash of the pid>` has user `u`, namespace `n`, socket id `i`, owner `o`,
// generation `g`, begin `b`, the seat's socket `e`, token id `j`, the token's issue time `a`, whether it has left `x`,
// what the client had before `h`, and `r:<room>` for each room: whether others know the member, and the offset of its
// entry. The sorted set `sessions` lists all by the time of their last write.

/** Args: how long a session lives in ms, most sessions, a JSON list of [what, hash, generation, ...]. */
const saveSessions = `
local base, keepMs, most = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2])
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
for _, change in ipairs(cjson.decode(ARGV[3])) do
  local what, hash, generation = change[1], change[2], change[3]
  local key = base .. 'session:' .. hash
  local held = redis.call('HGET', key, 'g')
  -- A lower generation is left from before a failover that lost writes.
  local isOurs = not held or tonumber(held) <= tonumber(generation)
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
 * Args: hash, user or "" for any, namespace, the new owner, the new seat's socket. Answer: the session's fields before;
 * none when this user has no such session in the namespace. Raises the generation and tells all gateways.
 */
const claimSession = `
local key = KEYS[1] .. 'session:' .. ARGV[1]
local held = redis.call('HMGET', key, 'u', 'n')
if not held[1] or (ARGV[2] ~= '' and held[1] ~= ARGV[2]) or held[2] ~= ARGV[3] then return {} end
local fields = redis.call('HGETALL', key)
local generation = redis.call('HINCRBY', key, 'g', 1)
redis.call('HSET', key, 'o', ARGV[4], 'e', ARGV[5])
redis.call('PUBLISH', KEYS[1] .. 'claims', ARGV[1] .. ' ' .. generation .. ' ' .. ARGV[4])
return fields
`;

export const sessionScripts = { saveSessions, claimSession };

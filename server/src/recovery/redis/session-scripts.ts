// Sessions in Redis. The hash `session:<hash of the pid>` has user `u`, namespace `n`, socket id `i`, owner `o`,
// generation `g`, begin `b`, the seat's socket `e`, token id `j`, the token's issue time `a`, whether it has left `x`,
// what the client had before `h`, the era in which its owner last wrote all of it `c`, and `r:<room>` for each room:
// whether others know the member, and the offset of its entry. The sorted set `sessions` lists all by the time of their
// last write.

/**
 * Args: how long a session lives in ms, most sessions, a JSON list of [what, hash, generation, ...]. Answer: saved,
 * then hash, generation and owner of each session that another gateway has claimed.
 */
const saveSessions = `
local base, keepMs, most = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2])
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local era = redis.call('HGET', base .. 'log-meta', 'era') or ''
local reply = {'saved'}
for _, change in ipairs(cjson.decode(ARGV[3])) do
  local what, hash, generation = change[1], change[2], change[3]
  local key = base .. 'session:' .. hash
  local held = redis.call('HGET', key, 'g')
  -- A lower generation comes from before a failover that lost writes.
  local isOurs = not held or tonumber(held) <= tonumber(generation)
  if not isOurs then
    for _, part in ipairs({hash, held, redis.call('HGET', key, 'o') or ''}) do table.insert(reply, part) end
  elseif what == 'end' then
    redis.call('UNLINK', key)
    redis.call('ZREM', base .. 'sessions', hash)
  elseif held or what == 'all' then
    if what == 'all' then redis.call('DEL', key) end
    if what == 'all' or what == 'set' then redis.call('HSET', key, unpack(change, 4)) end
    if what == 'all' then redis.call('HSET', key, 'c', era) end
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
return reply
`;

/**
 * Args: hash, user or "" for any, namespace, the new owner, the new seat's socket. Answer: the session's fields before,
 * and its new generation `ng`; none when this user has no such session in the namespace; unconfirmed when Redis has
 * lost writes since the owner wrote all of it. Raises the generation and tells all gateways. A generation is a time, so
 * that one which Redis has lost is not given twice.
 */
const claimSession = `
local key = KEYS[1] .. 'session:' .. ARGV[1]
local held = redis.call('HMGET', key, 'u', 'n', 'c', 'g')
if not held[1] or (ARGV[2] ~= '' and held[1] ~= ARGV[2]) or held[2] ~= ARGV[3] then return {} end
if held[3] ~= (redis.call('HGET', KEYS[1] .. 'log-meta', 'era') or '') then return {'unconfirmed'} end
local fields = redis.call('HGETALL', key)
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local generation = string.format('%.0f', math.max(now, (tonumber(held[4]) or 0) + 1))
redis.call('HSET', key, 'o', ARGV[4], 'e', ARGV[5], 'g', generation)
table.insert(fields, 'ng')
table.insert(fields, generation)
redis.call('PUBLISH', KEYS[1] .. 'claims', ARGV[1] .. ' ' .. generation .. ' ' .. ARGV[4])
return fields
`;

export const sessionScripts = { saveSessions, claimSession };

import { goneAdder } from "./gone-scripts.ts";

// Sessions in Redis. The hash `session:<hash of the pid>` has these fields:
// - `u` user, `n` namespace, `i` socket id, `o` owner (a gateway), `g` generation, `b` offset at which the session
// began;
// - `e` engine id of the connection that has the seat, `j` token id, `a` time at which the token was issued;
// - `h` offset that the client had before, `t` time of the first write, `c` era in which the owner last wrote all
// fields;
// - `r:<room>` for each room: whether the other members know the client, and the offset at which it entered;
// - `l:<room>` for each room that the client lost because its token no longer allows it;
// - `x` empty; or the time since which a gateway is removing the client from its rooms; or 1 after that.
// The sorted set `sessions` lists all sessions by the time of their last write. The keys `ended:user:<user>` and
// `ended:token:<token id>` have the time at which all sessions of the user or token were ended.

/**
 * Writes changes of sessions.
 * Args: lifetime of a session in ms, maximum number of sessions, a JSON list of changes [what, hash, generation, ...].
 * `what` is one of these: `all` writes all fields; `again` does the same after an outage; `set` and `unset` change one
 * field; `keep` renews the lifetime; `end` ends the session, with the outbox entry for the application, unless it was
 * told when the client left; `endAll` ends all present sessions of a user or token.
 * Answer: `saved`, then kind, hash, generation and owner of each session about which Redis knows something else. Kind
 * `taken`: another gateway is the owner. Kind `left`: this gateway was mistaken for dead, and the members were told
 * that the client has left.
 */
const saveSessions = `
local base, keepMs, most = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2])
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local era = redis.call('HGET', base .. 'log-meta', 'era') or ''
${goneAdder}
local answer = {'saved'}
local function report(kind, hash, held)
  for _, value in ipairs({kind, hash, held[1], held[2] or ''}) do answer[#answer + 1] = value end
end
for _, change in ipairs(cjson.decode(ARGV[3])) do
  local what, hash, generation = change[1], change[2], change[3]
  local key = base .. 'session:' .. hash
  local held = redis.call('HMGET', key, 'g', 'o', 't', 'x')
  local isThere, isWhole = held[1], what == 'all' or what == 'again'
  -- A lower generation is left from before a failover that lost writes.
  local isOurs = not isThere or tonumber(held[1]) <= tonumber(generation)
  if what == 'endAll' then
    redis.call('SET', base .. 'ended:' .. hash, string.format('%.0f', now), 'PX', keepMs)
  elseif not isOurs then
    report('taken', hash, held)
  elseif what == 'end' then
    if change[4] and held[4] ~= '1' then addGone(change[4], change[5], change[6]) end
    redis.call('UNLINK', key)
    redis.call('ZREM', base .. 'sessions', hash)
  elseif isThere or isWhole then
    local hasLeft = held[4] and held[4] ~= '' and (what == 'again' or what == 'keep')
    if isWhole then redis.call('DEL', key) end
    if isWhole or what == 'set' then redis.call('HSET', key, unpack(change, 4)) end
    if isWhole then redis.call('HSET', key, 'c', era, 't', held[3] or string.format('%.0f', now)) end
    if what == 'unset' then redis.call('HDEL', key, change[4]) end
    if hasLeft then
      redis.call('HSET', key, 'x', held[4])
      report('left', hash, held)
    end
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
return answer
`;

/**
 * A gateway that has marked a session as left must remove its client from the rooms within this time. Until then, or
 * until the gateway has confirmed it, the session cannot be claimed: the client would enter rooms from which it is just
 * being removed.
 */
export const LEAVE_WITHIN_MS = 800;

/**
 * Makes a gateway the owner of a session.
 * Args: hash of the pid, user ("" for any), namespace, the new owner, engine id of the new connection.
 * Answer: all fields that the session had, and its new generation `ng`. The answer is empty if this user has no such
 * session in the namespace, or if all sessions of the user or token were ended. It is `unconfirmed` if Redis has lost
 * writes since the owner last wrote all fields, or while the client is being removed from its rooms.
 * The script raises the generation and announces it to all gateways. A generation is a time, so a generation that Redis
 * has lost is not used a second time.
 */
const claimSession = `
local key = KEYS[1] .. 'session:' .. ARGV[1]
local held = redis.call('HMGET', key, 'u', 'n', 'c', 'g', 'j', 't', 'x')
if not held[1] or (ARGV[2] ~= '' and held[1] ~= ARGV[2]) or held[2] ~= ARGV[3] then return {} end
local endedOfUser = redis.call('GET', KEYS[1] .. 'ended:user:' .. held[1])
if endedOfUser and tonumber(endedOfUser) > (tonumber(held[6]) or 0) then return {} end
if (held[5] or '') ~= '' and redis.call('EXISTS', KEYS[1] .. 'ended:token:' .. held[5]) == 1 then return {} end
if held[3] ~= (redis.call('HGET', KEYS[1] .. 'log-meta', 'era') or '') then return {'unconfirmed'} end
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
if now - (tonumber(held[7]) or 0) < ${LEAVE_WITHIN_MS} then return {'unconfirmed'} end
local fields = redis.call('HGETALL', key)
local generation = string.format('%.0f', math.max(now, (tonumber(held[4]) or 0) + 1))
redis.call('HSET', key, 'o', ARGV[4], 'e', ARGV[5], 'g', generation)
table.insert(fields, 'ng')
table.insert(fields, generation)
redis.call('PUBLISH', KEYS[1] .. 'claims', ARGV[1] .. ' ' .. generation .. ' ' .. ARGV[4])
return fields
`;

export const sessionScripts = { saveSessions, claimSession };

import { goneAdder } from "./gone-scripts.ts";

// Sessions in Redis. The hash `session:<hash of the pid>` has user `u`, namespace `n`, socket id `i`, owner `o`,
// generation `g`, begin `b`, the seat's socket `e`, token id `j`, the token's issue time `a`, what the client had
// before `h`, the time of its first write `t`, the era in which its owner last wrote all of it `c`, `r:<room>` for each
// room (whether others know the member, and the offset of its entry), and `l:<room>` for each lost room. `x` is empty,
// or the time since which its rooms are being left, or 1 when they were left. The sorted set `sessions` lists all by
// the time of their last write.
// The keys `ended:user:<user>` and `ended:token:<token id>` have the time at which all sessions of one were ended.

/**
 * Args: ms a session lives, most sessions, a JSON list of [what, hash, generation, ...]. Answer: saved, then kind,
 * hash, generation and owner of each session of which Redis knows something else. taken: another gateway is the owner.
 * left: this gateway was mistaken for dead, and members were told that the client has left.
 *
 * What: all, again (the same after an outage), set, unset, keep, end (with the outbox entry for the application, unless
 * the application was told when the client left); endAll: all sessions until now of who is named.
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
 * A gateway that marks a session as left must leave its rooms within this time. The session cannot be claimed until
 * then or until the gateway has confirmed: its client would enter rooms that are being left.
 */
export const LEAVE_WITHIN_MS = 800;

/**
 * Args: hash, user or "" for any, namespace, the new owner, the new seat's socket. Answer: the session's fields before,
 * and its new generation `ng`; none when this user has no such session in the namespace, or it was ended with all of
 * its user or token; unconfirmed when Redis has lost writes since the owner wrote all of it, or while its rooms are
 * being left. Raises the generation and tells all gateways. A generation is a time, so that one which Redis has lost is
 * not given twice.
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

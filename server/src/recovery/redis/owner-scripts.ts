import { goneAdder } from "./gone-scripts.ts";

// Owners are the gateways that sessions belong to. The sorted set `owners` has the time of each owner's last beat, by
// Redis' clock. When an owner is dead, another gateway goes through its sessions and removes their clients from their
// rooms.

const clock = `
local base = KEYS[1]
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
`;

/**
 * Args: owner. Answer: 1 if Redis did not know the owner, then all owners and the milliseconds since their last beats.
 */
const beatOwner = `${clock}
local answer = {redis.call('ZADD', base .. 'owners', now, ARGV[1])}
redis.call('PEXPIRE', base .. 'owners', 3600000)
local owners = redis.call('ZRANGE', base .. 'owners', 0, -1, 'WITHSCORES')
for index = 1, #owners, 2 do
  answer[#answer + 1] = owners[index]
  answer[#answer + 1] = tostring(math.max(0, now - tonumber(owners[index + 1])))
end
return answer
`;

/**
 * One page of sessions. Args: the caller, length of its lock in ms, cursor, page size, a JSON list of dead owners.
 * Answer: busy when another gateway does this | page, the next cursor, then hash and fields of each session whose
 * client leaves. These sessions are marked with the time: if the caller dies before it confirms them, the next gateway
 * that has the lock finds them again.
 */
const leavePage = `${clock}
local caller, lockMs, cursor = ARGV[1], tonumber(ARGV[2]), ARGV[3]
local holder = redis.call('GET', base .. 'owners-lock')
if holder and holder ~= caller then return {'busy'} end
redis.call('SET', base .. 'owners-lock', caller, 'PX', lockMs)
local dead = {}
for _, owner in ipairs(cjson.decode(ARGV[5])) do dead[owner] = true end
local page = redis.call('ZSCAN', base .. 'sessions', cursor, 'COUNT', ARGV[4])
local answer = {'page', page[1]}
for index = 1, #page[2], 2 do
  local key = base .. 'session:' .. page[2][index]
  local held = redis.call('HMGET', key, 'o', 'x')
  local left = held[2] or ''
  local isUnconfirmed = left ~= '' and left ~= '1' and now - (tonumber(left) or 0) >= lockMs
  if held[1] and dead[held[1]] and (left == '' or isUnconfirmed) then
    redis.call('HSET', key, 'x', string.format('%.0f', now))
    answer[#answer + 1] = page[2][index]
    answer[#answer + 1] = redis.call('HGETALL', key)
  end
end
return answer
`;

/**
 * Args: a JSON list of [hash of a session, or that and the outbox entry for the application]. Records that the members
 * of the session's rooms have been informed that the client left. The application is told unless the client has
 * returned (x is empty) or was told before (x is 1).
 */
const confirmLeft = `${clock}${goneAdder}
for _, session in ipairs(cjson.decode(ARGV[1])) do
  local key = base .. 'session:' .. session[1]
  local left = redis.call('HGET', key, 'x')
  if session[2] and left ~= '' and left ~= '1' then addGone(session[2], session[3], session[4]) end
  if left and left ~= '' then redis.call('HSET', key, 'x', '1') end
end
return {'confirmed'}
`;

/**
 * Args: the caller, dead owners whose sessions are all done. Forgets these owners, if the caller still has the lock.
 */
const forgetOwners = `
local base = KEYS[1]
if redis.call('GET', base .. 'owners-lock') ~= ARGV[1] then return {'busy'} end
for index = 2, #ARGV do redis.call('ZREM', base .. 'owners', ARGV[index]) end
redis.call('DEL', base .. 'owners-lock')
return {'forgotten'}
`;

/**
 * Call when the grace of a client that is away has passed. Args: hash, generation. Answer: left; or none when the
 * session is not in Redis; or taken, generation and owner when another gateway has claimed it.
 */
const leaveSession = `${clock}
local key = base .. 'session:' .. ARGV[1]
local held = redis.call('HMGET', key, 'g', 'o')
if not held[1] then return {'none'} end
if tonumber(held[1]) > tonumber(ARGV[2]) then return {'taken', held[1], held[2] or ''} end
redis.call('HSET', key, 'x', string.format('%.0f', now))
return {'left'}
`;

export const ownerScripts = { beatOwner, leavePage, confirmLeft, forgetOwners, leaveSession };

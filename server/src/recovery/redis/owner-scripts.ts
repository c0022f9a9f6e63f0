import { goneAdder } from "./gone-scripts.ts";

// The owner of a session is the gateway that it belongs to. The sorted set `owners` has the time of each owner's last
// heartbeat, by the clock of Redis. If an owner is dead, another gateway removes the clients of its sessions from their
// rooms.

const clock = `
local base = KEYS[1]
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
`;

/**
 * Writes a heartbeat. Args: owner. Answer: 1 if Redis did not know this owner, then each owner and the milliseconds
 * since its last heartbeat.
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
 * Finds sessions of dead owners, page by page, under a lock. Args: the caller, length of the lock in ms, cursor, page
 * size, a JSON list of the dead owners. Answer: `busy` if another gateway has the lock; or `page`, the next cursor,
 * then hash and fields of each session whose client must leave its rooms. The script marks these sessions with the
 * time. If the caller dies before it confirms them, the next gateway with the lock finds them again.
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
 * Confirms that the members of the rooms were told that clients have left. Args: a JSON list; each item has the hash of
 * a session and, if the application must be told, the three parts of its outbox entry. The entry is added unless the
 * client has returned (field x is empty) or the application was told before (x is 1).
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
 * Forgets dead owners whose sessions are all handled, if the caller still has the lock. Args: the caller, the dead
 * owners.
 */
const forgetOwners = `
local base = KEYS[1]
if redis.call('GET', base .. 'owners-lock') ~= ARGV[1] then return {'busy'} end
for index = 2, #ARGV do redis.call('ZREM', base .. 'owners', ARGV[index]) end
redis.call('DEL', base .. 'owners-lock')
return {'forgotten'}
`;

/**
 * Marks a session whose client did not return within the grace period. Args: hash of the session, generation. Answer:
 * `left`; or `none` if Redis does not have the session; or `taken`, generation and owner if another gateway has claimed
 * it.
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

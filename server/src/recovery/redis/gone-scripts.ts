import { MOST_GONE, MOST_GONE_AGE_MS, MOST_GONE_BATCH_BYTES, MOST_GONE_BYTES } from "../gone/gone-bounds.ts";

// The outbox of ended sessions, for reports to the application. The sorted set `gone` has the id of each entry and the
// time at which it is due, by the clock of Redis. A gateway that takes an entry sets this time to the end of its lease.
// The hash `gone-texts` has, for each id, the time at which the entry was added, and its text. `gone-bytes` counts the
// bytes of all texts. `gone-dropped` counts the entries that were dropped since it was last read.

/**
 * A Lua function for scripts that end sessions. It needs the variables `base` and `now`. If the id is in the outbox
 * already, it does nothing.
 */
export const goneAdder = `
local function addGone(id, dueInMs, text)
  local ids, texts, size, dropped = base .. 'gone', base .. 'gone-texts', base .. 'gone-bytes', base .. 'gone-dropped'
  local value = string.format('%.0f', now) .. ' ' .. text
  if redis.call('HSETNX', texts, id, value) == 0 then return end
  redis.call('ZADD', ids, now + dueInMs, id)
  local bytes = redis.call('INCRBY', size, #value)
  while bytes > ${MOST_GONE_BYTES} or redis.call('ZCARD', ids) > ${MOST_GONE} do
    local oldest = redis.call('ZPOPMIN', ids)
    if not oldest[1] then break end
    bytes = redis.call('DECRBY', size, redis.call('HSTRLEN', texts, oldest[1]))
    redis.call('HDEL', texts, oldest[1])
    redis.call('INCR', dropped)
  end
  for _, key in ipairs({ids, texts, size, dropped}) do redis.call('PEXPIRE', key, ${2 * MOST_GONE_AGE_MS}) end
end
`;

const start = `
local base = KEYS[1]
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local ids, texts, size, dropped = base .. 'gone', base .. 'gone-texts', base .. 'gone-bytes', base .. 'gone-dropped'
`;

const remover = `
local function remove(id)
  redis.call('DECRBY', size, redis.call('HSTRLEN', texts, id))
  redis.call('HDEL', texts, id)
  redis.call('ZREM', ids, id)
end
`;

/** Adds ended sessions to the outbox. Args: a JSON list of [id, ms until it is due, text]. */
const addGone = `${start}${goneAdder}
for _, entry in ipairs(cjson.decode(ARGV[1])) do addGone(entry[1], entry[2], entry[3]) end
return {'added'}
`;

/**
 * Takes ended sessions that are due from the outbox. Args: maximum number of sessions, length of the lease in ms.
 * Answer: the word `gone`, number of dropped sessions, number of sessions in the outbox, then id and text of each
 * session. Other gateways do not get these sessions before the lease ends.
 */
const takeGone = `${start}${remover}
local due = redis.call('ZRANGEBYSCORE', ids, '-inf', now, 'LIMIT', 0, ARGV[1])
local taken, bytes = {}, 0
for _, id in ipairs(due) do
  local value = redis.call('HGET', texts, id)
  local since = value and tonumber(string.match(value, '^%d+')) or 0
  if now - since > ${MOST_GONE_AGE_MS} then
    remove(id)
    redis.call('INCR', dropped)
  else
    local text = string.gsub(value, '^%d+ ', '', 1)
    bytes = bytes + #text
    if bytes > ${MOST_GONE_BATCH_BYTES} and #taken > 0 then break end
    redis.call('ZADD', ids, now + ARGV[2], id)
    taken[#taken + 1] = id
    taken[#taken + 1] = text
  end
end
local answer = {'gone', redis.call('GET', dropped) or '0', tostring(redis.call('ZCARD', ids))}
redis.call('DEL', dropped)
if answer[3] == '0' then redis.call('DEL', texts, size) end
for _, part in ipairs(taken) do answer[#answer + 1] = part end
return answer
`;

/** Sets when ended sessions are due again. Args: ms from now, then the ids of the sessions. */
const postponeGone = `${start}
for index = 2, #ARGV do redis.call('ZADD', ids, 'XX', now + ARGV[1], ARGV[index]) end
return {'postponed'}
`;

/** Removes ended sessions that the application has received. Args: their ids. */
const removeGone = `${start}${remover}
for _, id in ipairs(ARGV) do remove(id) end
return {'removed'}
`;

export const goneScripts = { addGone, takeGone, postponeGone, removeGone };

// The log in Redis. S is the position of a message in the log. KEYS[1] is the start of all names of keys; it has the
// {hash tag}.
// - `log-entries` is a list. It has two elements for each message: header and text. S of a message follows from S of
// the last message and the length of the list.
// - `log-meta` is a hash. Its fields are run (id of the Redis process), era, previous (the era before), boundary (last
// S of the previous era), at (for each origin, the number of its last message at the boundary), `n:<origin>` (the
// number of the origin's last message) and place. The field place has four numbers: the last S, bytes in closed chunks,
// bytes in the open chunk, messages in the open chunk.
// - `log-chunks` is a list. It has the number of messages, the bytes and the time of each closed chunk, so that the log
// can be trimmed without reading messages.
// A gateway runs appendLog in each turn of the event loop in which it sends messages, so the script makes few Redis
// calls and few strings.

const prelude = `
local base, meta = KEYS[1], KEYS[1] .. 'log-meta'
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local function text(number) return string.format('%.0f', number) end
local function packed(s, bytes, chunk, count) return struct.pack('>I6I6I6I6', s, bytes, chunk, count) end

local function trim(bytes, most, sinceMs)
  while true do
    local oldest = redis.call('LINDEX', base .. 'log-chunks', 0)
    if not oldest then return bytes end
    local count, size, at = string.match(oldest, '^(%d+) (%d+) (%d+)$')
    if bytes <= most and tonumber(at) >= sinceMs then return bytes end
    redis.call('LPOP', base .. 'log-chunks')
    redis.call('LTRIM', base .. 'log-entries', 2 * count, -1)
    bytes = bytes - size
  end
end
`;

/**
 * Connects a gateway to the log. After a restart of Redis, begins a new era. S is a position in the log.
 * Args: maximum bytes of the log, maximum age of its messages in ms, lifetime of the keys in ms, the gateway's era, the
 * gateway's S, 1 if the gateway needs the last numbers of all origins.
 * Answer: era, previous era, boundary, S of the first message, S of the last message, the numbers at the boundary if
 * the gateway does not know the era; then, if the gateway needs them, each origin and its last number.
 */
const attachLog = `${prelude}
local most, age, keepMs, era, s, all = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3], ARGV[4], tonumber(ARGV[5]), ARGV[6]
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)') or 'unknown'
local held = redis.call('HMGET', meta, 'run', 'era', 'previous', 'boundary', 'at', 'place')
local last, bytes, chunk, count = struct.unpack('>I6I6I6I6', held[6] or packed(0, 0, 0, 0))
local numbers = {}
local function readNumbers()
  local fields = redis.call('HGETALL', meta)
  for index = 1, #fields, 2 do
    local origin = string.match(fields[index], '^n:(.*)$')
    if origin then
      table.insert(numbers, origin)
      table.insert(numbers, fields[index + 1])
    end
  end
end
if held[1] ~= run then
  local previous = tonumber(held[2]) or 0
  readNumbers()
  held = {run, text(math.max(math.floor(now / 16), previous + 1)), text(previous), text(last), cjson.encode(numbers)}
  redis.call('HSET', meta, 'run', run, 'era', held[2], 'previous', held[3], 'boundary', held[4], 'at', held[5],
    'place', packed(last, bytes, chunk, count))
end
local left = trim(bytes, most, now - age)
if left ~= bytes then redis.call('HSET', meta, 'place', packed(last, left, chunk, count)) end
for _, name in ipairs({'log-entries', 'log-meta', 'log-chunks'}) do redis.call('PEXPIRE', base .. name, keepMs) end
local first = last + 1 - math.floor(redis.call('LLEN', base .. 'log-entries') / 2)
local isNew = held[2] ~= era
local reply = {held[2], held[3], held[4], text(first), text(last), isNew and held[5] or '[]'}
if isNew or all == '1' or s < first - 1 then
  if #numbers == 0 then readNumbers() end
  for _, part in ipairs(numbers) do table.insert(reply, part) end
end
return reply
`;

/** How many arguments of appendLog are for all messages together, and how many for each message. */
export const APPEND_ARGUMENTS = { shared: 5, each: 5 };

/**
 * Appends messages to the log and publishes them.
 * Args: maximum bytes of the log, maximum age of its messages in ms, origin, number of the first message (the others
 * follow without a gap), 1 if the log is allowed to lack numbers before it. Then for each message: header, channel, and
 * the published message in three parts: before the text, the text, after the text without the place.
 * Answer: the number of the origin's last message in the log, or nil if there is no log.
 * All messages are stored before the first is published. Otherwise a refused PUBLISH could leave only a part of them in
 * the log.
 */
const appendLog = `${prelude}
local numberField, number = 'n:' .. ARGV[3], tonumber(ARGV[4])
local held = redis.call('HMGET', meta, 'era', 'place', numberField)
if not held[2] then return false end
local last = tonumber(held[3]) or 0
if number > last + 1 and ARGV[5] == '0' then return last end
local known = math.max(0, last + 1 - number)
local begin = ${APPEND_ARGUMENTS.shared + 1} + known * ${APPEND_ARGUMENTS.each}
if begin > #ARGV then return last end
local s, bytes, chunk, count = struct.unpack('>I6I6I6I6', held[2])
local era, entries = tonumber(held[1]), {}
for at = begin, #ARGV, ${APPEND_ARGUMENTS.each} do
  local header, body = ARGV[at], ARGV[at + 3]
  entries[#entries + 1] = header
  entries[#entries + 1] = body
  chunk = chunk + 120 + #header + #body
end
redis.call('RPUSH', base .. 'log-entries', unpack(entries))
local added = #entries / 2
count, last = count + added, number + known + added - 1
local most = tonumber(ARGV[1])
if chunk * 64 >= most then
  redis.call('RPUSH', base .. 'log-chunks', text(count) .. ' ' .. text(chunk) .. ' ' .. text(now))
  bytes, chunk, count = trim(bytes + chunk, most, now - tonumber(ARGV[2])), 0, 0
end
redis.call('HSET', meta, 'place', packed(s + added, bytes, chunk, count), numberField, text(last))
for at = begin, #ARGV, ${APPEND_ARGUMENTS.each} do
  s = s + 1
  local message = ARGV[at + 2] .. ARGV[at + 3] .. ARGV[at + 4] .. struct.pack('>I6I6', era, s)
  redis.call('PUBLISH', ARGV[at + 1], message)
end
return last
`;

/**
 * Reads a page of the log. Args: era, position S to begin at, maximum number of messages. Answer: S of the first
 * message, then header and text of each message; or nil if the log has another era.
 */
const readLog = `
local meta = redis.call('HMGET', KEYS[1] .. 'log-meta', 'era', 'place')
if meta[1] ~= ARGV[1] or not meta[2] then return false end
local first = struct.unpack('>I6', meta[2]) + 1 - math.floor(redis.call('LLEN', KEYS[1] .. 'log-entries') / 2)
local from = math.max(first, tonumber(ARGV[2]))
local at = 2 * (from - first)
return {from, unpack(redis.call('LRANGE', KEYS[1] .. 'log-entries', at, at + 2 * ARGV[3] - 1))}
`;

/**
 * Lets the log expire in a minute. A gateway that turns recovery off runs this. Gateways that still use the log set a
 * longer lifetime every second.
 */
const expireLog = `
local base = KEYS[1]
for _, name in ipairs({'log-entries', 'log-meta', 'log-chunks'}) do
  redis.call('PEXPIRE', base .. name, 60000)
end
return {'expires'}
`;

export const logScripts = { attachLog, appendLog, readLog, expireLog };

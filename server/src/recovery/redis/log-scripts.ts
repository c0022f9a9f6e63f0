// The log in Redis: a stream `log` whose ids are S and Redis' time, `log-meta` (run, era, previous, boundary, at, s,
// bytes, chunk), `log-numbers` (origin → its last number) and `log-chunks` (last S, bytes, time), by which the stream
// is trimmed without reading messages. KEYS[1] is the base that all keys share with its {hash tag}.

const prelude = `
local base = KEYS[1]
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local function text(number) return string.format('%.0f', number) end

local function trim(bytes, most, sinceMs)
  while true do
    local oldest = redis.call('LINDEX', base .. 'log-chunks', 0)
    if not oldest then return bytes end
    local last, size, at = string.match(oldest, '^(%d+) (%d+) (%d+)$')
    if bytes <= most and tonumber(at) >= sinceMs then return bytes end
    redis.call('LPOP', base .. 'log-chunks')
    redis.call('XTRIM', base .. 'log', 'MINID', text(tonumber(last) + 1))
    bytes = bytes - tonumber(size)
  end
end
`;

/**
 * most bytes, oldest age in ms, how long the keys live, the caller's era and S, whether it wants all numbers → era,
 * previous, boundary, first S, last S, then of each origin its number; and of a new era what held at the boundary.
 */
const attachLog = `${prelude}
local most, age, keepMs, era, s, all = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3], ARGV[4], tonumber(ARGV[5]), ARGV[6]
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)') or 'unknown'
local meta = redis.call('HMGET', base .. 'log-meta', 'run', 'era', 'previous', 'boundary', 'at', 's', 'bytes')
local last = tonumber(meta[6]) or 0
if meta[1] ~= run then
  local previous = tonumber(meta[2]) or 0
  local begun = math.max(math.floor(now / 16), previous + 1)
  local at = cjson.encode(redis.call('HGETALL', base .. 'log-numbers'))
  meta = {run, text(begun), text(previous), text(last), at, text(last), meta[7] or '0'}
  redis.call('HSET', base .. 'log-meta', 'run', run, 'era', meta[2], 'previous', meta[3], 'boundary', meta[4], 'at', at,
    's', meta[6], 'bytes', meta[7])
end
local bytes = tonumber(meta[7]) or 0
local left = trim(bytes, most, now - age)
if left ~= bytes then redis.call('HSET', base .. 'log-meta', 'bytes', text(left)) end
for _, name in ipairs({'log', 'log-meta', 'log-numbers', 'log-chunks'}) do redis.call('PEXPIRE', base .. name, keepMs) end
local oldest = redis.call('XRANGE', base .. 'log', '-', '+', 'COUNT', 1)[1]
local first = oldest and tonumber(string.match(oldest[1], '^%d+')) or last + 1
local isNew = meta[2] ~= era
local reply = {meta[2], meta[3], meta[4], text(first), text(last), isNew and meta[5] or '[]'}
if isNew or all == '1' or s < first - 1 then
  for _, part in ipairs(redis.call('HGETALL', base .. 'log-numbers')) do table.insert(reply, part) end
end
return reply
`;

/** Arguments of appendLog for each message. */
export const APPEND_ARGUMENTS = 9;

/**
 * most bytes, oldest age in ms; then for each message: origin, number, whether numbers may be left out, header,
 * channel, the message, where its twelve bytes for era and S are, where its text begins and ends (from 1; 0: none) →
 * for each message: stored, S | known | gap, the origin's number; or none. Everything is stored before anything is
 * published: a refused PUBLISH must not leave the log half written.
 */
const appendLog = `${prelude}
local most, age = tonumber(ARGV[1]), tonumber(ARGV[2])
local meta = redis.call('HMGET', base .. 'log-meta', 'era', 's', 'bytes', 'chunk')
if not meta[1] then return {'none'} end
local era, s, bytes, chunk = tonumber(meta[1]), tonumber(meta[2]), tonumber(meta[3]), tonumber(meta[4]) or 0
local numbers, replies, published = {}, {}, {}
for at = 3, #ARGV, ${APPEND_ARGUMENTS} do
  local origin, number, jump, header = ARGV[at], tonumber(ARGV[at + 1]), ARGV[at + 2], ARGV[at + 3]
  local last = numbers[origin] or tonumber(redis.call('HGET', base .. 'log-numbers', origin)) or 0
  if number <= last then
    table.insert(replies, {'known'})
  elseif number ~= last + 1 and jump ~= '1' then
    table.insert(replies, {'gap', last})
  else
    s = s + 1
    local message, from, size = ARGV[at + 5], ARGV[at + 7], 120 + #header
    local id = text(s) .. '-' .. text(now)
    if from == '0' then
      redis.call('XADD', base .. 'log', id, 'o', origin, 'n', ARGV[at + 1], 'h', header)
    else
      local body = string.sub(message, tonumber(from), tonumber(ARGV[at + 8]))
      size = size + #body
      redis.call('XADD', base .. 'log', id, 'o', origin, 'n', ARGV[at + 1], 'h', header, 't', body)
    end
    numbers[origin] = number
    bytes, chunk = bytes + size, chunk + size
    if chunk * 64 >= most then
      redis.call('RPUSH', base .. 'log-chunks', text(s) .. ' ' .. text(chunk) .. ' ' .. text(now))
      chunk = 0
      bytes = trim(bytes, most, now - age)
    end
    table.insert(published, at)
    table.insert(replies, {'stored', s})
  end
end
for origin, number in pairs(numbers) do redis.call('HSET', base .. 'log-numbers', origin, text(number)) end
redis.call('HSET', base .. 'log-meta', 's', text(s), 'bytes', text(bytes), 'chunk', text(chunk))
local first = s - #published
for index, at in ipairs(published) do
  local message, place = ARGV[at + 5], tonumber(ARGV[at + 6])
  redis.call('PUBLISH', ARGV[at + 4],
    string.sub(message, 1, place) .. struct.pack('>I6I6', era, first + index) .. string.sub(message, place + 13))
end
return replies
`;

/** era, S to begin at, entries at most → none | the entries. */
const readLog = `
local base = KEYS[1]
if redis.call('HGET', base .. 'log-meta', 'era') ~= ARGV[1] then return false end
return redis.call('XRANGE', base .. 'log', ARGV[2], '+', 'COUNT', ARGV[3])
`;

export const logScripts = { attachLog, appendLog, readLog };

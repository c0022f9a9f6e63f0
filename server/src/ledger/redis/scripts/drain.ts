/**
 * Takes drain tokens from the bucket that all nodes share (see token-bucket.ts). Args: tokens per second, capacity,
 * number of wanted tokens. Answer: number of granted tokens, ms until the next token.
 */
export const takeDrainTokens = `
local rate, capacity, wanted = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local bucket = base .. 'drain'
local exactNow = clock[1] * 1000 + clock[2] / 1000
local before = redis.call('HMGET', bucket, 'tokens', 'at')
local tokens, at = tonumber(before[1]) or capacity, tonumber(before[2]) or exactNow
tokens = math.min(capacity, tokens + math.max(0, exactNow - at) * rate / 1000)
local granted = math.max(0, math.min(wanted, math.floor(tokens + 0.000001)))
local left = math.max(0, tokens - granted)
redis.call('HSET', bucket, 'tokens', string.format('%.6f', left), 'at', string.format('%.3f', exactNow))
local toMove = tonumber(redis.call('HGET', bucket, 'toMove')) or 0
redis.call('HSET', bucket, 'toMove', math.max(0, toMove - granted))
redis.call('PEXPIRE', bucket, 60000)
return {granted, left >= 1 and 0 or math.ceil((1 - left) * 1000 / rate)}
`;

/**
 * Adds to the number of connections that all draining nodes still have to move. Args: the number to add. Answer: the
 * new number. The key expires a minute after the last change, so the connections of a killed node do not count forever.
 */
export const announceDrain = `
local bucket = base .. 'drain'
local toMove = math.max(0, (tonumber(redis.call('HGET', bucket, 'toMove')) or 0) + tonumber(ARGV[1]))
redis.call('HSET', bucket, 'toMove', toMove)
redis.call('PEXPIRE', bucket, 60000)
return {toMove}
`;

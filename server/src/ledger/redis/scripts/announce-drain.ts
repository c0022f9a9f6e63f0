/** connections → connections left. Forgotten a minute after the last of them was moved, whatever a killed node has left of its own. */
export const announceDrain = `
local bucket = base .. 'drain'
local toMove = math.max(0, (tonumber(redis.call('HGET', bucket, 'toMove')) or 0) + tonumber(ARGV[1]))
redis.call('HSET', bucket, 'toMove', toMove)
redis.call('PEXPIRE', bucket, 60000)
return {toMove}
`;

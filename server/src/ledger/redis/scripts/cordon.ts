/**
 * Args: lease, ms, and 1 if the node closes in any case. Answer: 1 if the node may be closed to new clients for that
 * time. It may not when no other node with a live lease is open. The sorted set `cordoned` has the closed leases.
 */
export const cordon = `
local lease, isLast = ARGV[1], true
for _, other in ipairs(liveLeases()) do
  local closedUntil = tonumber(redis.call('ZSCORE', base .. 'cordoned', other))
  if other ~= lease and (not closedUntil or closedUntil <= now) then isLast = false end
end
if isLast and ARGV[3] ~= '1' then
  redis.call('ZREM', base .. 'cordoned', lease)
  return {0}
end
redis.call('ZADD', base .. 'cordoned', now + tonumber(ARGV[2]), lease)
redis.call('ZREMRANGEBYSCORE', base .. 'cordoned', '-inf', now)
keep('cordoned')
return {1}
`;

/** Args: lease. */
export const uncordon = `
redis.call('ZREM', base .. 'cordoned', ARGV[1])
return {'uncordoned'}
`;

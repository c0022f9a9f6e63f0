/**
 * Closes a node to new clients. Args: lease; for how many ms; 1 to close it even if no other node is open. Answer: 1 if
 * the node is closed now. It is 0 if no other node with a live lease is open. The sorted set `cordoned` has the leases
 * of the closed nodes.
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

/** Opens a node to new clients. Args: lease. */
export const uncordon = `
redis.call('ZREM', base .. 'cordoned', ARGV[1])
return {'uncordoned'}
`;

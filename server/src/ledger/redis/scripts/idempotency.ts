/** Args: key, ms. Answer: 1 the first time within that time, 0 afterwards. */
export const claim = `
return {redis.call('SET', base .. 'once:' .. ARGV[1], '1', 'NX', 'PX', ARGV[2]) and 1 or 0}
`;

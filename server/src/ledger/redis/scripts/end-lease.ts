/** lease: what it holds is free at once. */
export const endLease = `
redis.call('ZREM', base .. 'leases', ARGV[1])
redis.call('SADD', base .. 'ended', ARGV[1])
keep('ended')
return {'ended'}
`;

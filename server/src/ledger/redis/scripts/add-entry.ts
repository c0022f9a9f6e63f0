/** lease, user, room, socket. Refuses nothing. */
export const addEntry = `
holdEntry(ARGV[1], ARGV[2], ARGV[3], ARGV[4])
return {'added'}
`;

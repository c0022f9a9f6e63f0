/** lease, user, socket. Refuses nothing: whoever is connected is connected. */
export const addSeat = `
holdSeat(ARGV[1], ARGV[2], ARGV[3])
return {'added'}
`;

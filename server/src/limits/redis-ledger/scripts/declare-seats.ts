/** lease, then user and socket of each seat. Refuses nothing: whoever is connected is connected. */
export const declareSeats = `
for index = 2, #ARGV, 2 do holdSeat(ARGV[1], ARGV[index], ARGV[index + 1]) end
return {'declared'}
`;

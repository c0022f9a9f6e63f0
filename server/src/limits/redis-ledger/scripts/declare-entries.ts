/** lease, then user, room and socket of each entry. Refuses nothing. */
export const declareEntries = `
for index = 2, #ARGV, 3 do holdEntry(ARGV[1], ARGV[index], ARGV[index + 1], ARGV[index + 2]) end
return {'declared'}
`;

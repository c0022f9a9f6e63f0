export interface Load {
  pod: string;
  connections: number;
}

/**
 * How many connections each gateway has above the mean, fullest gateway first. Gateways within the tolerance are left
 * out. Moved clients may land on a full gateway again, so one round is often not enough.
 */
export function excessConnections(loads: readonly Load[], tolerancePercent: number): Load[] {
  const mean = loads.reduce((sum, { connections }) => sum + connections, 0) / Math.max(1, loads.length);
  const most = Math.ceil(mean * (1 + tolerancePercent / 100));
  return loads
    .filter(({ connections }) => connections > most)
    .map(({ pod, connections }) => ({ pod, connections: connections - Math.ceil(mean) }))
    .sort((a, b) => b.connections - a.connections || (a.pod < b.pod ? -1 : 1));
}

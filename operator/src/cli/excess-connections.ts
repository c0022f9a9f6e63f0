export interface Load {
  pod: string;
  connections: number;
}

/**
 * How many connections each gateway is to give up, the fullest first: what it has above the mean, where that is more than the
 * tolerance. Empty when the fleet is even enough. What is given up lands anywhere, so one round seldom ends it.
 */
export function excessConnections(loads: readonly Load[], tolerancePercent: number): Load[] {
  const mean = loads.reduce((sum, { connections }) => sum + connections, 0) / Math.max(1, loads.length);
  const most = Math.ceil(mean * (1 + tolerancePercent / 100));
  return loads
    .filter(({ connections }) => connections > most)
    .map(({ pod, connections }) => ({ pod, connections: connections - Math.ceil(mean) }))
    .sort((a, b) => b.connections - a.connections || (a.pod < b.pod ? -1 : 1));
}

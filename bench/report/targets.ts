import type { PartResult } from "../measure/result.ts";

interface Target {
  goal: string;
  /** The target is met when the ratio is at least or at most this number. */
  want: { atLeast: number } | { atMost: number };
  part: string;
  /** The first words of the row's name. */
  row: string;
  peer: string;
  of: string;
}

/** The project's performance targets. Each is a ratio between two figures of the same run. */
const targets: readonly Target[] = [
  {
    goal: "Fan-out, ten per turn, relative to bare",
    want: { atLeast: 9 },
    part: "fanout",
    row: "1,000 members, 100 B, 10 per turn",
    peer: "gateway",
    of: "bare",
  },
  {
    goal: "Fan-out, ten per turn, relative to the plain net server",
    want: { atLeast: 0.8 },
    part: "fanout",
    row: "1,000 members, 100 B, 10 per turn",
    peer: "gateway",
    of: "floor",
  },
  {
    goal: "Fan-out, one per turn, relative to bare",
    want: { atLeast: 1.5 },
    part: "fanout",
    row: "1,000 members, 100 B, 1 per turn",
    peer: "gateway",
    of: "bare",
  },
  {
    goal: "Fan-out, one per turn, relative to the plain net server",
    want: { atLeast: 0.8 },
    part: "fanout",
    row: "1,000 members, 100 B, 1 per turn",
    peer: "gateway",
    of: "floor",
  },
  {
    goal: "Latency at 20 % load, p50, relative to bare",
    want: { atMost: 1 },
    part: "latency",
    row: "20 % of bare's maximum, p50",
    peer: "gateway",
    of: "bare",
  },
  {
    goal: "Latency at 20 % load, p99, relative to bare",
    want: { atMost: 1 },
    part: "latency",
    row: "20 % of bare's maximum, p99,",
    peer: "gateway",
    of: "bare",
  },
  {
    goal: "CPU at 20 % load, relative to bare",
    want: { atMost: 1 },
    part: "latency",
    row: "20 % of bare's maximum, CPU",
    peer: "gateway",
    of: "bare",
  },
  {
    goal: "Across nodes, ten per turn, relative to bare with Redis",
    want: { atLeast: 6 },
    part: "cross-node",
    row: "1,000 members on another node, 100 B, 10 per turn",
    peer: "gateway+redis",
    of: "bare+redis",
  },
  {
    goal: "Across nodes, one per turn, relative to bare with Redis",
    want: { atLeast: 6 },
    part: "cross-node",
    row: "1,000 members on another node, 100 B, 1 per turn",
    peer: "gateway+redis",
    of: "bare+redis",
  },
  {
    goal: "Across nodes, one per turn and many in flight, relative to bare with Redis",
    want: { atLeast: 6 },
    part: "cross-node",
    row: "1,000 members on another node, 100 B, 1 per turn, many",
    peer: "gateway+redis",
    of: "bare+redis",
  },
  {
    goal: "Join storm, CPU relative to bare",
    want: { atMost: 0.1 },
    part: "join-storm",
    row: "",
    peer: "gateway",
    of: "bare",
  },
  {
    goal: "Acknowledged events, relative to bare without limits and validation",
    want: { atLeast: 1 },
    part: "acks",
    row: "",
    peer: "gateway",
    of: "bare",
  },
  {
    goal: "Acknowledged events, each client waits for its ack, CPU relative to bare",
    want: { atMost: 0.67 },
    part: "ack-latency",
    row: "CPU",
    peer: "gateway",
    of: "bare",
  },
  {
    goal: "Acknowledged events, each client waits for its ack, p99 relative to bare",
    want: { atMost: 0.9 },
    part: "ack-latency",
    row: "time to the ack",
    peer: "gateway",
    of: "bare",
  },
  {
    goal: "CPU of an event that a handler answers over HTTP, relative to one built in and one bare request",
    want: { atMost: 1.5 },
    part: "handlers",
    row: "over HTTP",
    peer: "over HTTP",
    of: "yardstick",
  },
  {
    goal: "CPU of an event that a handler in the image answers, relative to one built in",
    want: { atMost: 1.1 },
    part: "handlers",
    row: "in the image",
    peer: "in the image",
    of: "yardstick",
  },
  {
    goal: "Handshakes, relative to bare",
    want: { atLeast: 1.5 },
    part: "handshakes",
    row: "300 users",
    peer: "gateway",
    of: "bare",
  },
  {
    goal: "Handshakes of a new process, relative to bare",
    want: { atLeast: 2.5 },
    part: "newcomers",
    row: "",
    peer: "gateway",
    of: "bare",
  },
  {
    goal: "CPU of 10,000 idle connections, relative to bare",
    want: { atMost: 0.8 },
    part: "idle-cpu",
    row: "10,000",
    peer: "gateway",
    of: "bare",
  },
  {
    goal: "Moves in the fullest second of two drains, client package, relative to the rate",
    want: { atMost: 1.2 },
    part: "two-drains",
    row: "moves in the fullest second",
    peer: "client package",
    of: "rate",
  },
  {
    goal: "Idle connection, RSS relative to bare",
    want: { atMost: 1 },
    part: "idle",
    row: "RSS",
    peer: "gateway",
    of: "bare",
  },
  {
    goal: "Idle connection, V8 heap and buffers relative to bare",
    want: { atMost: 1 },
    part: "idle",
    row: "V8 heap",
    peer: "gateway",
    of: "bare",
  },
];

/** A Markdown table of the targets and the measured ratios. It omits targets whose part has not been measured. */
export function targetTable(parts: Record<string, PartResult>): string {
  const lines = ["| goal | broadcasts or events in flight | wanted | measured | |", "|---|--:|--:|--:|---|"];
  for (const { goal, want, part, row: name, peer, of } of targets) {
    const row = parts[part]?.rows.find(({ work }) => work.startsWith(name));
    const [figure, yardstick] = [row?.figures[peer], row?.figures[of]];
    if (row === undefined || figure === undefined || yardstick === undefined) continue;
    const ratio = figure / yardstick;
    const isMet = "atLeast" in want ? ratio >= want.atLeast : ratio <= want.atMost;
    const wanted = "atLeast" in want ? `≥ ${want.atLeast}` : `≤ ${want.atMost}`;
    lines.push(`| ${goal} | ${row.inFlight} | ${wanted} | ${ratio.toFixed(2)} | ${isMet ? "met" : "**not met**"} |`);
  }
  return lines.join("\n");
}

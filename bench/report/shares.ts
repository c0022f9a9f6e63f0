import type { CpuProfile } from "../rigs/rig.ts";

type Frame = CpuProfile["nodes"][number]["callFrame"];

/**
 * The package that the code of a frame belongs to: "ours", "node" or the name of an npm package. Node's native
 * functions that write to sockets count as "system calls".
 */
export function ownerOf({ functionName, url }: Frame): string {
  if (url.includes("/node_modules/")) return /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)![1]!;
  if (url.includes("/server/src/")) return "ours";
  if (url.includes("/bench/")) return "bench";
  if (url.startsWith("node:")) return "node";
  if (functionName === "(garbage collector)") return "V8: garbage collector";
  if (functionName === "(idle)") return "idle";
  if (functionName === "(program)") return "V8 and libuv: native";
  return /^(writev|writeBuffer|writeUtf8String|writeLatin1String|readStart|shutdown|close)$/.test(functionName)
    ? "node: system calls"
    : "V8: built-in";
}

/**
 * For each node of the profile's call tree, the microseconds in the function itself, without its callees and without
 * idle time.
 */
export function selfMicros({ nodes, samples, timeDeltas }: CpuProfile): { self: Map<number, number>; total: number } {
  const idle = new Set(nodes.filter(({ callFrame }) => callFrame.functionName === "(idle)").map(({ id }) => id));
  const self = new Map<number, number>();
  let total = 0;
  samples.forEach((id, index) => {
    if (idle.has(id)) return;
    // `timeDeltas[i]` is the time between the samples i - 1 and i, so the time after this sample is the next entry.
    const micros = Math.max(0, timeDeltas[index + 1] ?? 0);
    self.set(id, (self.get(id) ?? 0) + micros);
    total += micros;
  });
  return { self, total };
}

/** For each package, its share of the busy time, largest first. */
export function sharesOf(profile: CpuProfile): [owner: string, share: number][] {
  return summed(profile, ownerOf);
}

/** The functions with the most time of their own, without the time of the functions that they call. */
export function topFrames(profile: CpuProfile, count: number): { name: string; share: number }[] {
  const named = ({ functionName, url, lineNumber }: Frame): string =>
    `${functionName || "(anonymous)"} ${url.replace(/^.*\/(node_modules|server|bench)\//, "").replace("file://", "")}${url === "" ? "" : `:${lineNumber + 1}`}`;
  return summed(profile, named)
    .slice(0, count)
    .map(([name, share]) => ({ name, share }));
}

function summed(profile: CpuProfile, keyOf: (frame: Frame) => string): [string, number][] {
  const { self, total } = selfMicros(profile);
  const sums = new Map<string, number>();
  for (const { id, callFrame } of profile.nodes) {
    const micros = self.get(id);
    if (micros !== undefined) sums.set(keyOf(callFrame), (sums.get(keyOf(callFrame)) ?? 0) + micros);
  }
  return [...sums].map(([key, micros]): [string, number] => [key, micros / total]).sort(([, a], [, b]) => b - a);
}

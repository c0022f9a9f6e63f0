import { connect } from "node:net";

/** What a Redis has done since its start. */
export interface RedisUsage {
  cpuMicros: number;
  commands: number;
  bytesReceived: number;
  bytesSent: number;
}

/** Reads the counters of a Redis that needs no password. */
export async function redisUsageOf(url: string): Promise<RedisUsage> {
  const info = await answerOf(url, "INFO everything");
  const number = (name: string): number => {
    const [, value] = new RegExp(`^${name}:([\\d.]+)\\r?$`, "m").exec(info) ?? [];
    if (value === undefined) throw new Error(`INFO of Redis has no field ${name}`);
    return Number(value);
  };
  return {
    cpuMicros: (number("used_cpu_user") + number("used_cpu_sys")) * 1e6,
    commands: number("total_commands_processed"),
    bytesReceived: number("total_net_input_bytes"),
    bytesSent: number("total_net_output_bytes"),
  };
}

/** Sends one command, and QUIT, after which Redis closes the connection. Resolves with all that Redis has sent. */
function answerOf(url: string, command: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(`${command}\r\nQUIT\r\n`));
    const chunks: Buffer[] = [];
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    socket.once("error", reject);
    socket.once("close", () => resolve(Buffer.concat(chunks).toString()));
  });
}

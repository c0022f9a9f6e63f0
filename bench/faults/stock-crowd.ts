import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { SECRET } from "./service.ts";
import type { CrowdReply, CrowdSettings, Seen } from "./stock-clients.ts";

/** Many stock clients, divided among several processes. */
export interface StockCrowd {
  connected(): Promise<number>;
  report(): Promise<Seen[]>;
  close(): Promise<void>;
}

const PER_PROCESS = 500;

/** Connects `count` clients and waits until all of them are in the room. */
export async function openStockCrowd(
  count: number,
  settings: Omit<CrowdSettings, "secret" | "from" | "to">,
): Promise<StockCrowd> {
  const program = fileURLToPath(new URL("stock-clients.ts", import.meta.url));
  const members: ChildProcess[] = [];
  for (let from = 0; from < count; from += PER_PROCESS) {
    const own: CrowdSettings = { ...settings, secret: SECRET, from, to: Math.min(count, from + PER_PROCESS) };
    members.push(
      spawn(process.execPath, ["--disable-warning=ExperimentalWarning", program, JSON.stringify(own)], {
        stdio: ["ignore", "inherit", "inherit", "ipc"],
      }),
    );
  }
  const ask = async <At extends CrowdReply["at"]>(
    member: ChildProcess,
    at: At,
    command?: string,
  ): Promise<Extract<CrowdReply, { at: At }>> => {
    if (command !== undefined) member.send(command);
    for (;;) {
      const [reply] = (await once(member, "message")) as [CrowdReply];
      if (reply.at === at) return reply as Extract<CrowdReply, { at: At }>;
    }
  };
  await Promise.all(members.map((member) => ask(member, "open")));
  return {
    async connected() {
      const counts = await Promise.all(members.map((member) => ask(member, "connected", "count")));
      return counts.reduce((sum, { count }) => sum + count, 0);
    },
    async report() {
      return (await Promise.all(members.map((member) => ask(member, "report", "report")))).flatMap(
        ({ clients }) => clients,
      );
    },
    async close() {
      await Promise.all(
        members.map((member) => {
          const ended = once(member, "exit");
          member.disconnect();
          return ended;
        }),
      );
    },
  };
}

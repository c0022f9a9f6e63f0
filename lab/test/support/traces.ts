import { readFileSync, readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { runtimeEnv } from "../../src/node/containerd.ts";
import { run } from "../../../testkit/run.ts";

/**
 * Lists everything on this machine that a lab node can create. If the list is the same before and after, the node has
 * left nothing.
 */
export async function tracesOnMachine(runtime: string): Promise<Record<string, string[]>> {
  const lines = async (program: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env) =>
    (await run(program, args, { env })).split("\n");
  const firewall = { ...process.env, ...runtimeEnv(runtime) };
  return {
    mounts: readFileSync("/proc/self/mountinfo", "utf8").split("\n").sort(),
    links: (await lines("ip", ["-oneline", "-brief", "link"])).map((line) => line.split(" ")[0] ?? ""),
    addresses: (await lines("ip", ["-oneline", "-brief", "address"])).map((line) => line.replaceAll(/\s+/g, " ")),
    routes: await lines("ip", ["route", "show", "table", "all"]),
    namedNamespaces: await lines("ip", ["netns", "list"]),
    nftables: await lines("nft", ["list", "ruleset"], firewall),
    // Leave out the comment lines of iptables-save: they contain times, so they differ in every call.
    iptables: (await lines("iptables-save", [], firewall)).filter((line) => !line.startsWith("#")),
    cgroups: readFileSync("/proc/self/mountinfo", "utf8")
      .split("\n")
      .filter((line) => / - cgroup2? /.test(line))
      .flatMap((line) => foldersIn(line.split(" ")[4] ?? "")),
    kernel: [
      "vm/overcommit_memory",
      "vm/panic_on_oom",
      "kernel/panic",
      "kernel/panic_on_oops",
      "kernel/keys/root_maxkeys",
      "net/ipv4/ip_forward",
    ].map((name) => `${name}=${readFileSync(`/proc/sys/${name}`, "utf8").trim()}`),
  };
}

/** The ids of processes that run in this network namespace or have this word in their command line. */
export function processesOf({ namespace, word }: { namespace: string; word: string }): string[] {
  return readdirSync("/proc").filter((pid) => {
    try {
      return (
        readlinkSync(`/proc/${pid}/ns/net`) === namespace || readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(word)
      );
    } catch {
      return false; // not a process, or it has ended
    }
  });
}

function foldersIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(folder, name))
    .sort();
}

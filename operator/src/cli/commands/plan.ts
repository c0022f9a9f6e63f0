import { Command, InvalidArgumentError } from "commander";
import {
  capacityFor,
  clustersFor,
  GATEWAY_MOST_LOAD,
  MOST_GATEWAYS,
  REDIS_MOST_LOAD,
  type Demand,
  type TooMuch,
} from "../plan/capacity.ts";
import { planText } from "../plan/plan-text.ts";
import type { CommandDeps } from "../command-deps.ts";
import { numberFrom, wholeFrom } from "../option-values.ts";

interface PlanOptions extends Omit<Demand, "windowSeconds" | "connectsPerSecond" | "receivers"> {
  name: string;
  receivers?: number;
  connectsPerSecond?: number;
  recoveryWindow: number;
}

/** `spec.limits.maxConnections` may be 100 million, and the plan leaves some room below it. */
const MOST_CONNECTIONS = 80_000_000;
const MOST_PER_SECOND = 100_000_000;
const MOST_BYTES = 1_048_576;
const MOST_PER_GATEWAY = 50_000;
const RECEIVERS = 10;
/** Clients reconnect once an hour on average, unless the user says otherwise. */
const CONNECTED_SECONDS = 3_600;

/** `realtime plan`: how many gateways and which Redis a load needs, as a resource with the reasoning in comments. */
export function planCommand({ write, exit }: CommandDeps): Command {
  return new Command("plan")
    .description("Print a resource for a load, with the reasoning; exit code 1: one cluster cannot carry the load")
    .requiredOption(
      "--connections <count>",
      "connections of the whole fleet at its peak",
      wholeFrom(1, MOST_CONNECTIONS),
    )
    .option(
      "--messages-per-second <count>",
      "messages that clients and back ends send per second",
      numberFrom(0, MOST_PER_SECOND),
      0,
    )
    .option(
      "--receivers <count>",
      "clients that receive a message, on average (default: 10)",
      numberFrom(0, MOST_CONNECTIONS),
    )
    .option("--message-bytes <bytes>", "size of a message as JSON, on average", wholeFrom(1, MOST_BYTES), 300)
    .option(
      "--connects-per-second <count>",
      "clients that connect per second (default: connections / 3600)",
      numberFrom(0, MOST_PER_SECOND),
    )
    .option("--recovery-window <seconds>", "spec.recovery.windowSeconds", wholeFrom(0, 3_600), 120)
    .option(
      "--connections-per-gateway <count>",
      "most connections of a gateway",
      wholeFrom(1, MOST_PER_GATEWAY),
      10_000,
    )
    .option("--name <name>", "name of the resource", clusterName, "chat")
    .action(({ name, recoveryWindow, connectsPerSecond, receivers, ...rest }: PlanOptions) => {
      const demand: Demand = {
        ...rest,
        receivers: receivers ?? Math.min(RECEIVERS, rest.connections),
        windowSeconds: recoveryWindow,
        connectsPerSecond: connectsPerSecond ?? rest.connections / CONNECTED_SECONDS,
      };
      if (demand.receivers > demand.connections) {
        write("error", tooManyReceivers(demand));
        return exit(2);
      }
      const capacity = capacityFor(demand);
      if (!("tooMuch" in capacity)) return write("out", planText(name, demand, capacity));
      write("error", `one cluster cannot carry this: ${reasonOf(capacity)}.\n${waysOut(demand)}\n`);
      exit(1);
    });
}

function clusterName(text: string): string {
  if (!/^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(text) || text.length > 40)
    throw new InvalidArgumentError("It must begin with a letter and have at most 40 characters of a-z, 0-9 and -.");
  return text;
}

function tooManyReceivers({ receivers, connections }: Demand): string {
  return `error: --receivers ${receivers} is more than --connections ${connections}: give the number of clients that receive one message\n`;
}

function reasonOf({ tooMuch, load }: TooMuch): string {
  switch (tooMuch) {
    case "pods":
      return `it needs ${count(load)} gateways, and a cluster has at most ${count(MOST_GATEWAYS)}`;
    case "redis":
      return `Redis would use ${percent(load)} of its one core for the messages, for clients that connect, and for its gateways. This plan allows ${percent(REDIS_MOST_LOAD)}`;
    case "gateway":
      return `even with ${count(MOST_GATEWAYS)} gateways, each would use ${percent(load)} of a core for the messages of all others, for deliveries, and for clients that connect. This plan allows ${percent(GATEWAY_MOST_LOAD)}`;
  }
}

function waysOut(demand: Demand): string {
  const parts = clustersFor(demand);
  if (parts === undefined)
    return "Several clusters cannot carry it either, because all receivers of a message must be clients of one cluster.";
  const { clusters, each } = parts;
  return (
    `Divide the users between at least ${clusters} RealtimeClusters, for example by customer or region, so that people who share a room use one cluster. For one of them:\n` +
    `  realtime plan --connections ${each.connections} --messages-per-second ${each.messagesPerSecond} --receivers ${each.receivers} --message-bytes ${each.messageBytes} ` +
    `--connects-per-second ${each.connectsPerSecond} --recovery-window ${each.windowSeconds} --connections-per-gateway ${each.connectionsPerGateway}`
  );
}

const count = (value: number): string => value.toLocaleString("en");
const percent = (share: number): string => `${Math.round(share * 100)} %`;

import { z } from "zod";
import { environment } from "../../src/environment.ts";
import { handlers } from "../../src/handlers/handlers.ts";
import { memoryLedger } from "../../src/ledger/memory/memory-ledger.ts";
import { makeMetrics } from "../../src/observability/metrics.ts";
import { closeReasons } from "../../src/protocol/close-reasons.ts";
import { refusals } from "../../src/protocol/refusals.ts";

/** The tables in the documentation that are generated from code. The key is the name in the table's marker comment. */
export function docTables(): Record<string, () => Promise<string>> {
  return {
    "client events": async () =>
      table(
        ["event", "payload", "what it does"],
        handlers.map(({ event, schema, summary }) => [code(event), code(fieldsOf(schema)), summary]),
      ),
    refusals: async () =>
      table(
        ["code", "HTTP", "at CONNECT", "message, unless it says more", "worth trying again"],
        Object.entries(refusals).map(([name, { status, message, retry, ...rest }]) => [
          code(name),
          String(status),
          "atConnect" in rest ? rest.atConnect : "",
          message,
          retry,
        ]),
      ),
    "close reasons": async () =>
      table(
        ["reason", "what has happened", "socket", "a stock client"],
        Object.values(closeReasons).map(({ label, message, socket, client }) => [code(label), message, socket, client]),
      ),
    environment: async () =>
      table(
        ["variable", "unit", "default", "consequence"],
        Object.entries(environment).map(([name, { unit, default: value, consequence }]) => [
          code(name),
          unit,
          value === "" ? "" : code(value),
          consequence,
        ]),
      ),
    metrics: async () => table(["metric", "type", "labels", "meaning"], await metricRows()),
  };
}

/** The content of .env.example: a comment and a commented-out line for each environment variable. */
export function envExample(): string {
  const entries = Object.entries(environment).map(
    ([name, { unit, default: value, consequence }]) => `# ${unit}: ${consequence}\n#${name}=${value}\n`,
  );
  return `# The gateway's environment. What stands here are the defaults; docs/server.md says more.\n\n${entries.join("\n")}`;
}

async function metricRows(): Promise<string[][]> {
  const limits = {
    maxConnections: 1,
    maxConnectionsPerUser: 1,
    maxRoomsPerUser: 1,
    maxEventsPerMinute: 1,
    maxMessageBytes: 1,
    maxConnectionsPerAddress: 1,
    maxQueuedBytes: 1,
  };
  const ledger = memoryLedger({ limits, now: () => 0 });
  const { registry } = makeMetrics({
    version: "1",
    connections: () => 0,
    halfOpen: () => 0,
    outboundBytes: () => 0,
    ledger: () => ledger.state(),
    bus: () => ({ phase: "up" }),
    drain: () => ({ isDraining: false, connectionsLeft: 0 }),
    issuers: () => [],
  });
  const known = (await registry.getMetricsAsJSON()).filter(({ name }) => name.startsWith("realtime_"));
  // prom-client keeps a metric's label names only in a private field.
  const labelsOf = (name: string) => (registry.getSingleMetric(name) as unknown as { labelNames: string[] }).labelNames;
  return known.map(({ name, type, help }) => [code(name), String(type), labelsOf(name).map(code).join(" "), help]);
}

/** Writes the fields of a schema like this: `{room, userId?}`. */
function fieldsOf(schema: z.ZodType): string {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { unrepresentable: "any" }) as {
    properties?: object;
    required?: string[];
  };
  return `{${Object.keys(properties)
    .map((name) => (required.includes(name) ? name : `${name}?`))
    .join(", ")}}`;
}

/** Writes a Markdown table with aligned columns, in the format that Prettier produces. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const escaped = [head, ...rows].map((cells) => cells.map((cell) => cell.replaceAll("|", "\\|")));
  const widths = head.map((_, column) => Math.max(3, ...escaped.map((cells) => cells[column]!.length)));
  const [headings, ...body] = escaped.map((cells) => cells.map((cell, column) => cell.padEnd(widths[column]!)));
  const dashes = widths.map((width) => "-".repeat(width));
  return [headings!, dashes, ...body].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function code(text: string): string {
  return `\`${text}\``;
}

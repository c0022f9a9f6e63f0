// Runs a node (a ledger) in its own process, so that a test can kill or suspend it: node ledger-process.ts '<options>'
// <seats>. The node first takes this many seats.
import { exact, ledgerNode, takeSeats, type LedgerNodeOptions } from "./ledger-node.ts";

const [, , options = "{}", seats = "0"] = process.argv;
const parsed = JSON.parse(options) as LedgerNodeOptions;
const ledger = await exact(ledgerNode(parsed));
await takeSeats(ledger, parsed.nodeId, Number(seats));
await ledger.enterRoom({ socketId: "s", userId: parsed.nodeId, namespace: "/messaging", room: "lobby" });
process.stdout.write("ready\n");
setInterval(() => undefined, 60_000);

// An application's handler for the event order:place. It runs in a pod, so it cannot import other files of this
// repository.
import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";

/** How long the handler continues after SIGTERM. Kubernetes needs less time to remove the pod from the Service. */
const FINISH_MS = 5_000;
let isFinishing = false;

const server = createServer((request, response) => {
  void text(request).then(async (body) => {
    const signature = String(request.headers["x-realtime-signature"]);
    if (!isSigned(signature, body)) return response.writeHead(401).end();
    const { item } = (JSON.parse(body) as { data: { item: string } }).data;
    await fetch(`http://counter:8080/${item}`, { method: "POST" });
    const publish = { room: "orders", event: "order:placed", data: { item } };
    if (isFinishing) response.setHeader("connection", "close");
    response.setHeader("content-type", "application/json");
    return response.end(JSON.stringify({ ack: { success: true, item }, do: [{ publish }] }));
  });
}).listen(8080);

process.on("SIGTERM", () => {
  isFinishing = true;
  setTimeout(() => server.close(() => process.exit(0)), FINISH_MS);
});

function isSigned(signature: string, body: string): boolean {
  const [, time, given] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(signature) ?? [];
  const key = process.env["HANDLER_SECRET"] ?? "";
  return given === createHmac("sha256", key).update(`${time}.${body}`).digest("hex");
}

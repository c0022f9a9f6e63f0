import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { handlers } from "../../sdk/src/handlers.ts";
import { toNode } from "../../sdk/src/to-node.ts";
import type { Rig, RigOptions } from "./rig.ts";

/** The event of the application. It has the payload and the ack of the gateway's own subscribe:case. */
export const app = handlers({
  "case:*": {
    handle: (_context, data) => ({ status: "subscribed", caseId: (data as { caseId: string }).caseId }),
  },
});

/** A handler of the application as its own process. A GET returns the last request, for a bare request of its size. */
export async function handler({ secret }: RigOptions): Promise<Rig> {
  const answer = toNode(app, { secret, windowSeconds: 3_600 });
  let last = { headers: {} as object, body: "" };
  const server = createServer((request, response) => {
    if (request.method === "GET") return void response.end(JSON.stringify(last));
    if (last.body === "") {
      const { "x-realtime-signature": signature } = request.headers;
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        last = {
          headers: { "content-type": "application/json", "x-realtime-signature": signature },
          body: Buffer.concat(chunks).toString(),
        };
      });
    }
    return void answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", 4096, resolve));
  return { port: (server.address() as AddressInfo).port, emit: () => {}, members: () => 0 };
}

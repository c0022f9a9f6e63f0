import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { authKeys } from "../manifests/auth-secret.ts";
import type { GatewayProcess } from "./children/gateway-process.ts";
import { listenOn } from "./ports/listen-on.ts";

type Gateway = Pick<GatewayProcess, "privatePort">;

const PORT_DISTANCE = 1_010;
const MAX_PORT = 65_535;

/**
 * One address for the private API of all gateways, like port 9090 of the Service on Kubernetes. It sends each request
 * under /api/ to the next gateway. The gateway checks the token.
 */
export class PrivateFront {
  readonly #server: Server;
  readonly #gateways: () => readonly Gateway[];
  #turn = 0;

  constructor(gateways: () => readonly Gateway[]) {
    this.#gateways = gateways;
    this.#server = createServer((incoming, outgoing) => this.#pass(incoming, outgoing));
  }

  /** Listens on a port of the loopback address, and returns the URL. Throws with the port's owner when it is taken. */
  async listen(port: number): Promise<string> {
    return `http://localhost:${await listenOn(this.#server, port)}`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #pass(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const { method, url: path = "/", headers } = incoming;
    if (!path.startsWith("/api/")) return void outgoing.writeHead(404).end("only /api/ is served here\n");
    const gateways = this.#gateways();
    const gateway = gateways[this.#turn++ % Math.max(1, gateways.length)];
    if (gateway === undefined) return void outgoing.writeHead(503).end("no gateway is ready\n");
    const onward = request({ host: "127.0.0.1", port: gateway.privatePort, method, path, headers });
    onward.on("response", (response) => {
      outgoing.writeHead(response.statusCode ?? 502, response.headers);
      response.on("error", () => outgoing.destroy()).pipe(outgoing);
    });
    onward.on("error", () => (outgoing.headersSent ? outgoing.destroy() : outgoing.writeHead(502).end()));
    outgoing.on("close", () => onward.destroy());
    incoming.pipe(onward);
  }
}

/**
 * Starts it at the clients' port + 1010, so by default at 9090, the port on Kubernetes. With `--once` it is any free
 * port, because the command gets the URL. When the port is taken, everything else still runs, and the text says why.
 */
export async function startPrivateFront(
  cluster: { readonly gateways: readonly Gateway[] },
  { port, once }: { port: number; once: string | undefined },
  authSecret: string,
): Promise<{ url: string; text: string; close: () => void }> {
  const front = new PrivateFront(() => cluster.gateways);
  const close = (): void => front.close();
  const isFree = once !== undefined || port === 0 || port + PORT_DISTANCE > MAX_PORT;
  try {
    const url = `${await front.listen(isFree ? 0 : port + PORT_DISTANCE)}/api/publish`;
    const token = `.realtime/secrets/${authSecret}/${authKeys.publishToken}`;
    return { url, close, text: `Publish:   POST ${url} with the token in ${token}` };
  } catch (error) {
    return {
      url: "",
      close,
      text: `Publish:   none, because ${error instanceof Error ? error.message : String(error)}`,
    };
  }
}

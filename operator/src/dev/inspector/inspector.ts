import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { listenOn } from "../ports/listen-on.ts";
import { snapshot } from "./snapshot.ts";
import type { SendRequest } from "./test-clients.ts";
import type { Traffic } from "./traffic.ts";

export interface InspectorDeps {
  traffic: Traffic;
  /** Name of the cluster, and the URL of its clients. */
  name: string;
  url: string;
  gateways: () => readonly string[];
  /** Sends an event as a client. */
  send: (request: SendRequest) => Promise<object>;
  /** Publishes an event as a back end. */
  publish: (body: object) => Promise<unknown>;
}

const PUSH_MS = 250;
const MAX_BODY_BYTES = 1_048_576;
const PAGE_FILE = join(import.meta.dirname, "inspector.html");

/**
 * The inspector's page. It is for this machine only: it listens on the loopback address, and answers only requests that
 * name it as their host. So a page of another site cannot read it under a name of its own, nor send its forms.
 */
export class Inspector {
  readonly #deps: InspectorDeps;
  readonly #server: Server;
  readonly #page = readFileSync(PAGE_FILE, "utf8");

  constructor(deps: InspectorDeps) {
    this.#deps = deps;
    this.#server = createServer((incoming, outgoing) => void this.#answer(incoming, outgoing));
  }

  /** Returns the page's URL. Throws when the port is taken. */
  async listen(port: number): Promise<string> {
    return `http://localhost:${await listenOn(this.#server, port)}/`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  get #port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async #answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method, url } = incoming;
    const { "sec-fetch-site": site = "same-origin" } = incoming.headers;
    if (!this.#isForMe(incoming)) return refuse(outgoing, 403, `open this page as http://localhost:${this.#port}/`);
    if (method === "GET" && url === "/") return this.#sendPage(outgoing);
    if (site !== "same-origin") return refuse(outgoing, 403, "only the inspector's own page may ask this");
    if (method === "GET" && url === "/stream") return this.#stream(outgoing);
    if (method !== "POST") return refuse(outgoing, 404, "there is no such page");
    // A form of another page cannot send this header.
    if (incoming.headers["x-realtime-inspector"] !== "1")
      return refuse(outgoing, 403, "the header X-Realtime-Inspector is missing");
    await this.#post(incoming, outgoing);
  }

  /** A page of another site may have a name that leads to this machine. Its requests have that name as their host. */
  #isForMe({ headers: { host = "", origin } }: IncomingMessage): boolean {
    const hosts = ["localhost", "127.0.0.1", "[::1]"].map((name) => `${name}:${this.#port}`);
    return hosts.includes(host) && (origin === undefined || hosts.includes(origin.replace(/^http:\/\//, "")));
  }

  #sendPage(outgoing: ServerResponse): void {
    const { name, url } = this.#deps;
    const nonce = randomBytes(16).toString("base64");
    const policy = `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'; connect-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'`;
    outgoing.writeHead(200, {
      ...{ "content-type": "text/html; charset=utf-8", "content-security-policy": policy },
      ...{ "cache-control": "no-store", "x-content-type-options": "nosniff", "referrer-policy": "no-referrer" },
    });
    outgoing.end(this.#page.replaceAll("{{nonce}}", nonce).replaceAll("{{name}}", name).replaceAll("{{url}}", url));
  }

  /** Sends what the page shows, now and whenever something has changed. */
  #stream(outgoing: ServerResponse): void {
    const { traffic, gateways } = this.#deps;
    outgoing.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    let sent = "";
    const push = (): void => {
      const state = `${traffic.version} ${gateways().join(" ")}`;
      if (state === sent || outgoing.writableNeedDrain) return;
      sent = state;
      outgoing.write(`data: ${JSON.stringify(snapshot(traffic, gateways()))}\n\n`);
    };
    push();
    const timer = setInterval(push, PUSH_MS);
    outgoing.on("close", () => clearInterval(timer));
  }

  async #post(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { send, publish } = this.#deps;
    try {
      if (Number(incoming.headers["content-length"] ?? 0) > MAX_BODY_BYTES) throw new Error("the form is too large");
      const body = JSON.parse((await buffer(incoming)).toString()) as object;
      const answer = await (incoming.url === "/send" ? send(body as SendRequest) : publish(body));
      outgoing.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
    } catch (error) {
      refuse(outgoing, 400, error instanceof Error ? error.message : String(error));
    }
  }
}

function refuse(outgoing: ServerResponse, status: number, error: string): void {
  outgoing.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify({ error }));
}

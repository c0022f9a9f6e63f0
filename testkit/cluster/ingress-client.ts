import { Agent } from "node:http";
import { isIP } from "node:net";
import { io, type ManagerOptions, type Socket, type SocketOptions } from "socket.io-client";

/** An HTTP agent that connects to this address for every host name, as if DNS pointed all names to the ingress. */
export function agentTo(address: string): Agent {
  const family = isIP(address);
  return new Agent({
    keepAlive: false,
    lookup: (_host, options, callback) => {
      if (options.all === true) callback(null, [{ address, family }]);
      else callback(null, address, family);
    },
  });
}

export interface Connection {
  /** The fleet's host name: spec.exposure.host of its RealtimeCluster. */
  host: string;
  /** IP address of the ingress controller. It listens on port 80. */
  ingressAddress: string;
  token: string;
  namespace?: "/events" | "/messaging";
  options?: Partial<ManagerOptions & SocketOptions>;
}

/** Creates a stock client, which starts to connect at once. No two clients share an engine connection. */
export function clientOf({ host, ingressAddress, token, namespace = "/events", options = {} }: Connection): Socket {
  return io(`http://${host}${namespace}`, {
    transports: ["websocket"],
    forceNew: true,
    auth: { token },
    // The type of `agent` in socket.io-client is only for browsers ("string | boolean"). In Node, the client passes the
    // value to http.
    agent: agentTo(ingressAddress) as unknown as string,
    ...options,
  });
}

/**
 * Resolves when the client is connected. If a gateway refuses the client, or `deadlineMs` passes, closes it and
 * rejects.
 */
export function connected(client: Socket, deadlineMs = 20_000): Promise<Socket> {
  return new Promise((resolve, reject) => {
    let last = "no answer";
    const timer = setTimeout(() => fail(`not connected within ${deadlineMs / 1000} s: ${last}`), deadlineMs);
    const fail = (why: string) => {
      client.disconnect();
      clearTimeout(timer);
      reject(new Error(why));
    };
    client.on("connect_error", (error: Error & { data?: { code?: string } }) => {
      last = error.data?.code === undefined ? error.message : `${error.data.code}: ${error.message}`;
      // Reject now if the client will not try again: the gateway refused it in the namespace, or its reconnection is
      // off.
      if (!client.active || !client.io.reconnection()) fail(`not connected: ${last}`);
    });
    client.once("connect", () => {
      clearTimeout(timer);
      resolve(client);
    });
  });
}

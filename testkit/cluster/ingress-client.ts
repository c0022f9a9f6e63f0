import { Agent } from "node:http";
import { isIP } from "node:net";
import { io, type ManagerOptions, type Socket, type SocketOptions } from "socket.io-client";

/** An HTTP agent that resolves every host name to one address, as DNS for the ingress would. */
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
  /** The public host name of the fleet, as in spec.exposure.host. */
  host: string;
  /** Address of the ingress controller, which listens on port 80. */
  ingressAddress: string;
  token: string;
  namespace?: "/events" | "/messaging";
  options?: Partial<ManagerOptions & SocketOptions>;
}

/** A stock client that is connecting. Every client has its own engine connection. */
export function clientOf({ host, ingressAddress, token, namespace = "/events", options = {} }: Connection): Socket {
  return io(`http://${host}${namespace}`, {
    transports: ["websocket"],
    forceNew: true,
    auth: { token },
    // The client's types know only agents of browsers ("string | boolean"). In Node the client passes the object to
    // http.
    agent: agentTo(ingressAddress) as unknown as string,
    ...options,
  });
}

/**
 * Resolves when the client is connected. When it is refused or not connected within `deadlineMs`, closes the client and
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
      // A stock client does not retry after a refusal by the namespace, and never retries when reconnection is off.
      if (!client.active || !client.io.reconnection()) fail(`not connected: ${last}`);
    });
    client.once("connect", () => {
      clearTimeout(timer);
      resolve(client);
    });
  });
}

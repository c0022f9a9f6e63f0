import type { DevCluster } from "../dev-cluster.ts";
import type { DevPlan } from "../dev-plan.ts";
import { Inspector } from "./inspector.ts";
import { TestClients } from "./test-clients.ts";
import type { Traffic } from "./traffic.ts";

export interface StartInspectorOptions {
  traffic: Traffic;
  cluster: DevCluster;
  plan: DevPlan;
  /** URL of the clients. */
  url: string;
  /** The value of `--port`. 0: any free port. */
  clientsPort: number;
  tokenFor: (user: string) => string | undefined;
}

const PORT_DISTANCE = 1_000;
const MAX_PORT = 65_535;

/**
 * Starts the inspector at the clients' port + 1000. When this port is taken, everything else still runs, and the text
 * says why there is no inspector.
 */
export async function startInspector(options: StartInspectorOptions): Promise<{ text: string; close: () => void }> {
  const { traffic, cluster, plan, url, clientsPort, tokenFor } = options;
  const clients = new TestClients({ url, tokenFor });
  const inspector = new Inspector({
    ...{ traffic, name: plan.name, url },
    gateways: () => cluster.gateways.map(({ name }) => name),
    send: (request) => clients.send(request),
    publish: (body) => cluster.publish(body),
  });
  const port = clientsPort === 0 || clientsPort + PORT_DISTANCE > MAX_PORT ? 0 : clientsPort + PORT_DISTANCE;
  const close = (): void => {
    clients.close();
    inspector.close();
  };
  try {
    return { text: `Inspector: ${await inspector.listen(port)}`, close };
  } catch (error) {
    return { text: `Inspector: none, because ${error instanceof Error ? error.message : String(error)}`, close };
  }
}

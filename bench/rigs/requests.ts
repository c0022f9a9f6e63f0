import { Pool } from "undici";
import type { Rig, RigOptions } from "./rig.ts";

/** Connections of the pool, as a gateway has for one handler by default. */
const CONNECTIONS = 67;

/** Bare requests with the gateway's HTTP client: no event, no signature of its own, and nothing checks the answer. */
export async function requests({ request }: RigOptions): Promise<Rig> {
  const { url, headers, body } = request!;
  const pool = new Pool(url, { connections: CONNECTIONS, pipelining: 1, allowH2: false });
  const once = async (): Promise<void> => {
    const answer = await pool.request({ method: "POST", path: "/", headers, body });
    if (answer.statusCode !== 200) throw new Error(`the handler answered ${answer.statusCode}`);
    await answer.body.text();
  };
  return {
    port: 0,
    emit: () => {},
    members: () => 0,
    async ask(count, inFlight) {
      let left = count;
      const worker = async (): Promise<void> => {
        while (left > 0) {
          left -= 1;
          await once();
        }
      };
      await Promise.all(Array.from({ length: inFlight }, worker));
    },
  };
}

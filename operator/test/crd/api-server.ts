import { join } from "node:path";
import { startControlPlane, type ControlPlane } from "../../../testkit/control-plane/control-plane.ts";
import { installDefinitions } from "../support/install-definitions.ts";

export const crdFile = join(import.meta.dirname, "../../../crds/realtimeclusters.yaml");

export interface ApiServer extends Omit<ControlPlane, "stop"> {
  /**
   * Creates the object. Returns what the API server stores. If it refuses, returns the sorted lines of the message
   * after "is invalid", as a user sees them.
   */
  attempt(verb: "create" | "replace", object: object): Promise<Attempt>;
  stop(): Promise<void>;
}

export type Attempt = { stored: Record<string, unknown> } | { refused: string };

/** An API server with the CRD and without controllers. So the answer to a request depends only on the schema. */
export async function startApiServer(): Promise<ApiServer> {
  const plane = await startControlPlane({ controllers: "none" });
  try {
    await installDefinitions(plane, [crdFile]);
  } catch (error) {
    await plane.stop();
    throw error;
  }
  return {
    ...plane,
    async attempt(verb, object) {
      try {
        const args = [verb, "--dry-run=server", "--validate=strict", "-o", "json", "-f", "-"];
        return {
          stored: JSON.parse(await plane.kubectl(args, { input: JSON.stringify(object) })) as Record<string, unknown>,
        };
      } catch (error) {
        return { refused: messageOf(error) };
      }
    },
  };
}

/** The message of kubectl, without the command line and without the prefix "... is invalid". */
function messageOf(error: unknown): string {
  const [, ...lines] = (error as Error).message.split("\n");
  return lines
    .map((line) => line.replace(/^\* /, "").replace(/^.* is invalid: /, ""))
    .filter((line) => line.trim() !== "" && !line.endsWith("is invalid: "))
    .join("\n");
}

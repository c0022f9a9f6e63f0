import type { Rig, RigOptions } from "./rig.ts";

/** The real gateway, all limits and validation on. */
export async function gateway(_options: RigOptions): Promise<Rig> {
  throw new Error("the gateway rig is not written yet");
}

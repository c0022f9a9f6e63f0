import { inspect, listHoldings } from "./audit.ts";
import { cordon, uncordon } from "./cordon.ts";
import { announceDrain, takeDrainTokens } from "./drain.ts";
import { claim, claimMessage } from "./idempotency.ts";
import { beginLease, declare, endLease, freeLease, renewLease } from "./leases.ts";
import { prelude } from "./prelude.ts";
import { listRevocations, revoke } from "./revocations.ts";
import { addEntry, enterRoom, leaveRoom, members } from "./rooms.ts";
import { addSeat, releaseSeat, takeSeat } from "./seats.ts";
import { giveBack, noteAddresses, takeWindow } from "./windows.ts";

const bodies = {
  addEntry,
  addSeat,
  announceDrain,
  beginLease,
  claim,
  claimMessage,
  cordon,
  declare,
  endLease,
  enterRoom,
  freeLease,
  giveBack,
  inspect,
  leaveRoom,
  listHoldings,
  listRevocations,
  members,
  noteAddresses,
  releaseSeat,
  renewLease,
  revoke,
  takeDrainTokens,
  takeSeat,
  takeWindow,
  uncordon,
};

export type ScriptName = keyof typeof bodies;
export type Reply = readonly (string | number)[];

/** All Lua scripts of the ledger. Each script is one round trip and runs atomically. */
export const scripts = Object.entries(bodies).map(([name, body]) => ({
  name: name as ScriptName,
  lua: prelude + body,
}));

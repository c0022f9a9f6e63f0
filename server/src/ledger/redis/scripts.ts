import { addEntry } from "./scripts/add-entry.ts";
import { addSeat } from "./scripts/add-seat.ts";
import { announceDrain } from "./scripts/announce-drain.ts";
import { claim } from "./scripts/claim.ts";
import { declare } from "./scripts/declare.ts";
import { endLease } from "./scripts/end-lease.ts";
import { enterRoom } from "./scripts/enter-room.ts";
import { freeLease } from "./scripts/free-lease.ts";
import { beginLease, renewLease } from "./scripts/hold-lease.ts";
import { inspect } from "./scripts/inspect.ts";
import { leaveRoom } from "./scripts/leave-room.ts";
import { listHoldings } from "./scripts/list-holdings.ts";
import { listRevocations } from "./scripts/list-revocations.ts";
import { members } from "./scripts/members.ts";
import { prelude } from "./scripts/prelude.ts";
import { releaseSeat } from "./scripts/release-seat.ts";
import { revoke } from "./scripts/revoke.ts";
import { takeDrainTokens } from "./scripts/take-drain-tokens.ts";
import { takeSeat } from "./scripts/take-seat.ts";
import { takeWindow } from "./scripts/take-window.ts";

const bodies = {
  addEntry,
  addSeat,
  announceDrain,
  beginLease,
  claim,
  declare,
  endLease,
  enterRoom,
  freeLease,
  inspect,
  leaveRoom,
  listHoldings,
  listRevocations,
  members,
  releaseSeat,
  renewLease,
  revoke,
  takeDrainTokens,
  takeSeat,
  takeWindow,
};

export type ScriptName = keyof typeof bodies;
export type Reply = readonly (string | number)[];

/** Everything the ledger does in Redis: each script is one round trip and happens whole or not at all. */
export const scripts = Object.entries(bodies).map(([name, body]) => ({
  name: name as ScriptName,
  lua: prelude + body,
}));

import type { Reply, ScriptName } from "./scripts.ts";

/** Any 64-bit integer. If another program wrote an unexpected value into the keys, the reply is still an answer. */
const NUMBER = String.raw`-?\d{1,19}`;

/** The expected reply of each script: words and numbers in this order, or a list of any length. */
const answers: Readonly<Record<ScriptName, RegExp | "list">> = {
  addEntry: /^added$/,
  addSeat: /^added$/,
  announceDrain: new RegExp(`^${NUMBER}$`),
  beginLease: new RegExp(`^held( ${NUMBER}){4}$`),
  claim: /^[01]$/,
  claimMessage: /^[01]$/,
  cordon: /^[01]$/,
  declare: /^declared$/,
  endLease: /^ended$/,
  enterRoom: new RegExp(`^(lapsed|taken|full ${NUMBER}|entered ${NUMBER} [01])$`),
  freeLease: new RegExp(`^.* ${NUMBER} ${NUMBER}$`, "s"),
  giveBack: new RegExp(`^${NUMBER} ${NUMBER}$`),
  inspect: "list",
  leaveRoom: new RegExp(`^(left|absent) ${NUMBER}$`),
  listHoldings: "list",
  listRevocations: "list",
  members: "list",
  noteAddresses: /^noted$/,
  releaseSeat: new RegExp(`^(released|absent) ${NUMBER}$`),
  renewLease: new RegExp(`^(lapsed|held( ${NUMBER}){4})$`),
  revoke: "list",
  takeDrainTokens: new RegExp(`^${NUMBER} ${NUMBER}$`),
  takeSeat: new RegExp(`^(lapsed|(taken|global|user) ${NUMBER})$`),
  takeWindow: new RegExp(`^${NUMBER} ${NUMBER}$`),
  uncordon: /^uncordoned$/,
};

/**
 * Whether `reply` can be the reply of this script. If bytes are lost on the connection, a caller gets the reply of
 * another call. Trusting it could refuse clients although the limit is not reached.
 */
export function isAnswerTo(script: ScriptName, reply: unknown): reply is Reply {
  if (!Array.isArray(reply) || !reply.every((part) => typeof part === "string" || typeof part === "number"))
    return false;
  const answer = answers[script];
  return answer === "list" || answer.test(reply.join(" "));
}

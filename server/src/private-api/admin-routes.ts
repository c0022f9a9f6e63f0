import * as z from "zod";
import { MAX_TOKEN_ID_LENGTH } from "../auth/identity.ts";
import { contract } from "../contract.ts";
import type { Drain } from "../drain/drain.ts";
import type { RevocationLedger, RevocationTarget, RoomLedger } from "../ledger/ledger.ts";
import type { LiveState } from "../live-config/live-state.ts";
import type { Logger } from "../observability/logger.ts";
import { isNamespace } from "../protocol/namespaces.ts";
import { roomName, roomOfCase } from "../protocol/rooms.ts";
import { refuse } from "../protocol/refusals.ts";
import { checked } from "./checked.ts";
import { refusedAnswer, type Route } from "./private-listener.ts";

export interface AdminDeps {
  gateway: {
    /** Closes a user's connections on every gateway. Returns the number of those on this gateway. */
    disconnectUser(userId: string): number;
    /** Ends the sessions of a revoked user or token, so that no client can recover them. */
    endSessions(target: RevocationTarget): void;
  };
  ledger: Pick<RevocationLedger, "revoke"> & Pick<RoomLedger, "presence">;
  live: LiveState;
  drain: Pick<Drain, "start" | "state">;
  drainTimeoutMs: number;
  logger: Logger;
  nowMs: () => number;
  sweep(): Promise<{ corrected: number }>;
}

/** How long a revocation of a user lasts if the request does not say it. */
const DEFAULT_REVOCATION_SECONDS = 86_400;
const userId = z.string().min(1, "must not be empty").max(128, "must have at most 128 characters");
const seconds = z.number().int().min(1, "must be from 1 to 31536000").max(31_536_000, "must be from 1 to 31536000");

const disconnectBody = z.strictObject({ userId });
const revokeBody = z.strictObject({
  userId: userId.optional(),
  tokenId: z
    .string()
    .min(1, "must not be empty")
    .max(MAX_TOKEN_ID_LENGTH, `must have at most ${MAX_TOKEN_ID_LENGTH} characters`)
    .optional(),
  expiresInSeconds: seconds.optional(),
});

/** The routes by which the operator or a back end controls a gateway and its users. */
export function adminRoutes(deps: AdminDeps): readonly Route[] {
  const { live, ledger, drain, logger, nowMs, drainTimeoutMs } = deps;
  const post = (path: string, handle: Route["handle"]): Route => ({ method: "POST", path, access: "bearer", handle });

  return [
    {
      method: "GET",
      path: contract.paths.config,
      access: "bearer",
      handle: () => ({ status: 200, body: live.document }),
    },
    {
      method: "PUT",
      path: contract.paths.config,
      access: "bearer",
      handle({ body }) {
        const answer = live.apply(body);
        if (!answer.applied && answer.why === "invalid")
          return refusedAnswer(refuse("INVALID_INPUT", { message: answer.problem }));
        if (answer.applied)
          logger.info({ generation: live.config.generation, hash: live.document.hash }, "live config applied");
        return { status: 200, body: live.document };
      },
    },
    post(contract.paths.drain, () => {
      void drain
        .start(nowMs() + drainTimeoutMs)
        .catch((error: unknown) => logger.error({ err: error }, "drain failed"));
      return { status: 202, body: drain.state() };
    }),
    post(contract.paths.disconnect, ({ body }) =>
      checked(disconnectBody, body, ({ userId }) => ({
        status: 200,
        body: { disconnectedHere: deps.gateway.disconnectUser(userId) },
      })),
    ),
    post(contract.paths.revoke, ({ body }) =>
      checked(revokeBody, body, async ({ userId, tokenId, expiresInSeconds = DEFAULT_REVOCATION_SECONDS }) => {
        if ((userId === undefined) === (tokenId === undefined))
          return refusedAnswer(refuse("INVALID_INPUT", { message: "the body must contain either userId or tokenId" }));
        const target: RevocationTarget = userId !== undefined ? { userId } : { tokenId: tokenId! };
        await ledger.revoke(target, nowMs() + expiresInSeconds * 1000);
        deps.gateway.endSessions(target);
        return { status: 200, body: { revoked: true } };
      }),
    ),
    {
      method: "GET",
      path: contract.paths.presence,
      access: "bearer",
      async handle({ query }) {
        const namespace = query.get("namespace") ?? contract.namespaces[0];
        const room = query.get("room") ?? (query.has("caseId") ? roomOfCase(query.get("caseId")!) : "");
        if (!roomName.safeParse(room).success)
          return refusedAnswer(
            refuse("INVALID_INPUT", { message: "room is missing or not valid: request ?namespace=/events&room=NAME" }),
          );
        if (!isNamespace(namespace)) return refusedAnswer(refuse("UNKNOWN_NAMESPACE"));
        return { status: 200, body: { namespace, room, ...(await ledger.presence(namespace, room)) } };
      },
    },
    post(contract.paths.cleanup, async () => ({ status: 200, body: await deps.sweep() })),
  ];
}

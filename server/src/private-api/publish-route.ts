import * as z from "zod";
import type { Bus } from "../broadcast/bus/bus.ts";
import { contract } from "../contract.ts";
import type { IdempotencyKeys } from "../ledger/ledger.ts";
import type { Publish } from "../deps.ts";
import type { LiveState } from "../live-config/live-state.ts";
import type { Tracing } from "../observability/tracing.ts";
import { sentEventName } from "../protocol/client-events.ts";
import { namespaces, namespacesInWords } from "../protocol/namespaces.ts";
import { caseIdentifier, roomName, roomOfCase } from "../protocol/rooms.ts";
import { refuse } from "../protocol/refusals.ts";
import { checked } from "./checked.ts";
import { refusedAnswer, type ApiAnswer, type ApiRequest, type Route } from "./private-listener.ts";

const IDEMPOTENCY_MS = 600_000;
// A long key is refused and not shortened: two long keys with the same beginning would become one, and the second event
// would not be sent.
const idempotencyKey = z.string().min(1, "must not be empty").max(128, "must have at most 128 characters").optional();

const publishBody = z.strictObject({
  namespace: z.enum(namespaces, `must be ${namespacesInWords}`).default(namespaces[0]),
  room: roomName.optional(),
  caseId: caseIdentifier.optional(),
  event: sentEventName,
  data: z.unknown().optional(),
  idempotencyKey,
});

export interface PublishDeps {
  /** Sends an event to the members of a room on all gateways. */
  publish: Publish;
  ledger: IdempotencyKeys;
  bus: Pick<Bus, "state">;
  live: LiveState;
  tracing: Tracing | undefined;
}

/**
 * The answer while Redis cannot be used. It is unknown whether another gateway has used the key, so the back end must
 * try again with the same key.
 */
function keyUnknown(): ApiAnswer {
  const message = "Redis cannot be reached, so the gateway cannot tell whether this key was used; nothing was sent";
  const answer = refusedAnswer(refuse("INTERNAL", { message, retryAfterMs: 1_000 }));
  return { ...answer, status: 503, headers: { "retry-after": "1" } };
}

/**
 * POST /api/publish sends an event to the members of a room on all gateways. If the request has an idempotency key (in
 * the body or in a header) that was used before, nothing is sent.
 */
export function publishRoute({ publish: send, ledger, bus, live, tracing }: PublishDeps): Route {
  return {
    method: "POST",
    path: contract.paths.publish,
    access: "publish",
    handle: tracing === undefined ? publish : (request) => tracing.publish(request.header, () => publish(request)),
  };

  function publish({ body, header }: ApiRequest): ApiAnswer | Promise<ApiAnswer> {
    return checked(publishBody, body, async ({ namespace, room, caseId, event, data, idempotencyKey: inBody }) => {
      if ((room === undefined) === (caseId === undefined))
        return refusedAnswer(refuse("INVALID_INPUT", { message: "the body must contain either room or caseId" }));
      if (data !== undefined && Buffer.byteLength(JSON.stringify(data)) > live.limits.maxMessageBytes) {
        return refusedAnswer(
          refuse("MESSAGE_TOO_LARGE", { message: `data is larger than ${live.limits.maxMessageBytes} bytes` }),
        );
      }
      const { data: key, error } = idempotencyKey.safeParse(inBody ?? header("idempotency-key"));
      if (error !== undefined)
        return refusedAnswer(
          refuse("INVALID_INPUT", { message: `the header Idempotency-Key ${error.issues[0]!.message}` }),
        );
      const claim = key === undefined ? "claimed" : await ledger.claimOnce(key, IDEMPOTENCY_MS);
      if (claim === "unknown") return keyUnknown();
      if (claim === "used") return { status: 200, body: { published: false, duplicate: true } };
      const stored = await send({ namespace, room: room ?? roomOfCase(caseId!) }, event, data);
      // While the bus is down, the other gateways do not get this event. Without recovery, they do not get it later
      // either.
      const isOnlyHere = bus.state().phase !== "up";
      return {
        status: 200,
        body: {
          published: true,
          ...(stored === undefined ? {} : { stored }),
          ...(isOnlyHere ? { onlyHere: true } : {}),
        },
      };
    });
  }
}

import { applyCommands, type AppClient } from "../../app-handlers/apply-commands.ts";
import type { Failure } from "../../app-handlers/failure.ts";
import type { HandlerAnswer } from "../../app-handlers/handler-answer.ts";
import type { Channel } from "../../app-handlers/channel.ts";
import type { Outcome } from "../../app-handlers/handler-request.ts";
import type { GatewayDeps } from "../../deps.ts";
import { AppRefusal, type Decision } from "../../handlers/handler.ts";
import type { HookKind } from "../../live-config/handler-entries.ts";
import { refuse, type Refusal } from "../../protocol/refusals.ts";

export type AppHookDeps = Pick<GatewayDeps, "appHandlers" | "newId">;

/** If no handler answered, the client is told to try again after this time. */
const RETRY_AFTER_MS = 1_000;
const nothing = async (): Promise<void> => undefined;

/**
 * Lets the application decide about a client's request. Returns undefined if no handler decides about requests of this
 * kind.
 */
export function askApp(
  { appHandlers, newId }: AppHookDeps,
  session: AppClient,
  hook: HookKind,
  data: () => object,
): Promise<Decision> | undefined {
  const channel = appHandlers.hook(hook);
  if (channel === undefined) return undefined;
  const id = newId();
  // The request needs no order key: the client's next events already wait for its answer.
  const request = { id, kind: hook, payload: data(), ack: false, orderKey: undefined };
  const asked = channel.send({ ...request, caller: session.caller(), rooms: () => session.roomNames() });
  return asked.then((outcome) => decisionOf(outcome, channel, { id, session }));
}

interface Asked {
  id: string;
  session: AppClient;
}

function decisionOf(outcome: Outcome, { entry }: Channel, asked: Asked): Decision {
  if ("answer" in outcome) {
    const { error } = outcome.answer;
    return {
      refusal: error === undefined ? undefined : new AppRefusal(error),
      apply: () => applyFor(asked, outcome.answer),
    };
  }
  const isAllowed = entry.onFailure === "Allow";
  return { refusal: isAllowed ? undefined : refusalOf(outcome.failure, entry.name), apply: nothing };
}

async function applyFor({ id, session }: Asked, { commands }: HandlerAnswer): Promise<void> {
  if (!session.isConnected) return session.deliver(id, commands);
  const { disconnect } = await applyCommands(session, commands);
  // Disconnect after the client got the answer to its event.
  if (disconnect !== undefined) setImmediate(() => session.disconnect(disconnect));
}

/** The refusal that a client gets because a handler gave no valid answer. */
export function refusalOf({ reason }: Failure, handler: string): Refusal {
  const retryAfterMs = RETRY_AFTER_MS;
  if (reason === "threw") return refuse("INTERNAL");
  return reason === "busy"
    ? refuse("RATE_LIMIT_EXCEEDED", { message: `too many events wait for the handler ${handler}`, retryAfterMs })
    : refuse("HANDLER_UNAVAILABLE", { retryAfterMs });
}

import * as z from "zod";
import { isRefusal } from "../protocol/refusals.ts";
import { eventHandler } from "./handler.ts";

export const refreshToken = eventHandler({
  event: "refresh_token",
  summary: "Stay connected with a fresh token of the same user.",
  schema: z.strictObject({
    token: z.string().min(1, "must not be empty").max(8192, "must have at most 8192 characters"),
  }),
  ackStyle: "success",
  async handle(context, { token }) {
    const identity = await context.renew(token);
    if (isRefusal(identity)) return identity;
    return { success: true, expiresAt: new Date(identity.expiresAtMs).toISOString() };
  },
});

import type { HandlerEntry } from "../live-config/handler-entries.ts";
import type { HandlerRequest, Outcome } from "./handler-request.ts";

/** The way to one handler of the application: an HTTP service, or a module in this process. */
export interface Channel {
  readonly entry: Pick<HandlerEntry, "name" | "onFailure" | "timeoutMilliseconds">;
  /** Resolves when the handler has answered, or when it is certain that no valid answer comes. Never rejects. */
  send(request: HandlerRequest): Promise<Outcome>;
}

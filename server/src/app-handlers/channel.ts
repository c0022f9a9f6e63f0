import type { HandlerEntry } from "../live-config/handler-entries.ts";
import type { HandlerRequest, Outcome } from "./handler-request.ts";

/** The gateway's requests to one handler of the application, which is an HTTP service or a module in this process. */
export interface Channel {
  readonly entry: Pick<HandlerEntry, "name" | "onFailure" | "timeoutMilliseconds">;
  /**
   * Resolves when the handler has answered, or with a failure when no valid answer can come any more. Never rejects.
   */
  send(request: HandlerRequest): Promise<Outcome>;
}

import { anyText, headerNames, optionalText, secretOf, type EnvironmentVariable } from "./environment-values.ts";

/** The environment variables for the application's handlers. */
export const handlerVariables = {
  HANDLERS: {
    unit: "JSON list of {name, url, events, ...}",
    default: "",
    consequence: "HTTP services of the application that handle events of their own (docs/handlers.md)",
    parse: anyText,
  },
  HANDLERS_MODULE: {
    unit: "path of an .mjs file",
    default: "",
    consequence: "handlers that run in this process; an event goes to them before those of HANDLERS (docs/handlers.md)",
    parse: optionalText,
  },
  HANDLER_SECRET: {
    unit: "secret of at least 32 bytes",
    default: "",
    consequence: "key of the signature in requests to handlers; required with HANDLERS",
    parse: secretOf(32),
  },
  HANDLER_HEADERS: {
    unit: "names of headers, at most 16",
    default: "origin",
    consequence: "headers of the handshake that handlers get; each needs memory for each connection",
    parse: headerNames,
  },
} as const satisfies Record<string, EnvironmentVariable>;

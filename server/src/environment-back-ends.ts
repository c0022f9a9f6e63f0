import { anyText, headerNames, optionalText, secretOf, type EnvironmentVariable } from "./environment-values.ts";

/** The environment variables for the application's back ends: for what they publish, and for its handlers. */
export const backEndVariables = {
  PUBLISH_TOKEN: {
    unit: "secret of at least 16 bytes",
    default: "",
    consequence: "bearer token that allows only POST /api/publish; empty: publishing needs ADMIN_TOKEN",
    parse: secretOf(16),
  },
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

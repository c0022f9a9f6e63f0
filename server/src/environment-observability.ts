import { anyText, oneOf, textLike, type EnvironmentVariable } from "./environment-values.ts";
import { logLevels } from "./observability/log-levels.ts";
import { traceSamplers } from "./observability/tracing-config.ts";

const sentryDsn = /^(?:https?:\/\/\w+(?::\w+)?@[\w.-]+(?::\d+)?\/(?:[\w./-]+\/)?\d+)?$/;

/** The variables for logs, error reports and traces. */
export const observabilityVariables = {
  LOG_LEVEL: {
    unit: logLevels.join(", "),
    default: "info",
    consequence: "less severe entries are left out",
    parse: oneOf(logLevels),
  },
  SENTRY_DSN: {
    unit: "URL",
    default: "",
    consequence: "unexpected errors that are logged are also reported there; empty: only logged",
    // Sentry's own parser ignores a wrong DSN and only warns.
    parse: textLike(sentryDsn, "must look like https://key@host/project"),
  },
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    unit: "URL of an OTLP/HTTP collector",
    default: "",
    consequence: "spans of handshakes and of POST /api/publish are sent to its /v1/traces; empty: none",
    parse: anyText,
  },
  OTEL_EXPORTER_OTLP_HEADERS: {
    unit: "secret: name=value, comma-separated",
    default: "",
    consequence:
      "headers for the collector; OpenTelemetry's other variables for its exporter, certificates among them, hold as well",
    parse: anyText,
  },
  OTEL_TRACES_SAMPLER: {
    unit: traceSamplers.join(", "),
    default: "parentbased_traceidratio",
    consequence: "which traces are sent; a handshake always begins one, a publish may continue its caller's",
    parse: anyText,
  },
  OTEL_TRACES_SAMPLER_ARG: {
    unit: "share from 0 to 1",
    default: "0.01",
    consequence: "of the traces that begin here, with a sampler that goes by a ratio",
    parse: anyText,
  },
} as const satisfies Record<string, EnvironmentVariable>;

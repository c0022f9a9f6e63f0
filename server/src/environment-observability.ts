import { anyText, oneOf, textLike, type EnvironmentVariable } from "./environment-values.ts";
import { logFormats, logLevels } from "./observability/log-levels.ts";
import { traceSamplers } from "./observability/tracing-config.ts";

const sentryDsn = /^(?:https?:\/\/\w+(?::\w+)?@[\w.-]+(?::\d+)?\/(?:[\w./-]+\/)?\d+)?$/;

/** The environment variables for logs, error reports and traces. */
export const observabilityVariables = {
  LOG_LEVEL: {
    unit: logLevels.join(", "),
    default: "info",
    consequence: "less severe log entries are not written",
    parse: oneOf(logLevels),
  },
  LOG_FORMAT: {
    unit: logFormats.join(", "),
    default: "numbers",
    consequence: "how log entries name their level: as a number (30) or as a word (info)",
    parse: oneOf(logFormats),
  },
  SENTRY_DSN: {
    unit: "URL",
    default: "",
    consequence: "unexpected errors are logged and also reported to this Sentry project; empty: only logged",
    // Check the form here, because Sentry's own parser only warns about a wrong DSN and then ignores it.
    parse: textLike(sentryDsn, "must look like https://key@host/project"),
  },
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    unit: "URL of an OTLP/HTTP collector",
    default: "",
    consequence: "trace spans of handshakes and of POST /api/publish are sent to its /v1/traces; empty: no spans",
    parse: anyText,
  },
  OTEL_EXPORTER_OTLP_HEADERS: {
    unit: "secret: name=value, comma-separated",
    default: "",
    consequence:
      "headers for the collector; OpenTelemetry's other exporter variables (for example certificates) work as well",
    parse: anyText,
  },
  OTEL_TRACES_SAMPLER: {
    unit: traceSamplers.join(", "),
    default: "parentbased_traceidratio",
    consequence:
      "which traces are sent; a handshake always begins a trace, a request to publish can continue its caller's trace",
    parse: anyText,
  },
  OTEL_TRACES_SAMPLER_ARG: {
    unit: "share from 0 to 1",
    default: "0.01",
    consequence: "share of the traces that begin in this gateway and are sampled, for samplers that use a ratio",
    parse: anyText,
  },
} as const satisfies Record<string, EnvironmentVariable>;

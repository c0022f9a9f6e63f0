/** The names of samplers that OpenTelemetry defines. */
export const traceSamplers = [
  "always_on",
  "always_off",
  "traceidratio",
  "parentbased_always_on",
  "parentbased_always_off",
  "parentbased_traceidratio",
] as const;
export type TraceSampler = (typeof traceSamplers)[number];

/** Where the gateway sends trace spans, and which traces are sampled. */
export interface TracingConfig {
  /** URL of the collector, without a slash at the end. */
  endpoint: string;
  sampler: TraceSampler;
  /** The ratio samplers sample this part of the traces that begin in the gateway. */
  ratio: number;
}

/** Parses OTEL_EXPORTER_OTLP_ENDPOINT and the variables of the sampler. Without an endpoint, tracing is off. */
export function parseTracing({ endpoint, sampler, ratio }: { endpoint: string; sampler: string; ratio: string }): {
  tracing: TracingConfig | undefined;
  problems: readonly string[];
} {
  if (endpoint === "") return { tracing: undefined, problems: [] };
  const problems: string[] = [];
  const url = URL.parse(endpoint);
  // The problem does not contain the value, because it could contain a password.
  if (url === null || !/^https?:$/.test(url.protocol) || url.search !== "" || url.hash !== "") {
    problems.push(
      "OTEL_EXPORTER_OTLP_ENDPOINT must look like http://collector:4318 (OTLP over HTTP; /v1/traces is added)",
    );
  }
  const known = traceSamplers.find((name) => name === sampler.toLowerCase());
  if (known === undefined)
    problems.push(`OTEL_TRACES_SAMPLER must be one of ${traceSamplers.join(", ")}, not "${sampler.slice(0, 64)}"`);
  const share = Number(ratio);
  if (!/^[\d.]+$/.test(ratio) || !(share >= 0 && share <= 1))
    problems.push(`OTEL_TRACES_SAMPLER_ARG must be a number from 0 to 1, not "${ratio.slice(0, 64)}"`);
  if (problems.length > 0) return { tracing: undefined, problems };
  return { tracing: { endpoint: endpoint.replace(/\/+$/, ""), sampler: known!, ratio: share }, problems };
}

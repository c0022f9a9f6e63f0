import {
  defaultTextMapSetter,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type Span,
} from "@opentelemetry/api";
import { ExportResultCode, W3CTraceContextPropagator } from "@opentelemetry/core";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
  type Sampler,
  type SpanExporter,
} from "@opentelemetry/sdk-trace";
import type { Refusal } from "../protocol/refusals.ts";
import type { TracingConfig } from "./tracing-config.ts";
import { within } from "./within.ts";

/** Maximum number of spans that wait for the collector. Further spans are dropped. */
const MAX_WAITING = 2_048;
const MAX_BATCH = 512;
const BATCH_AFTER_MS = 5_000;
/** Time limit for one export, with all its retries. */
const EXPORT_TIMEOUT_MS = 10_000;
const STOP_WITHIN_MS = 2_000;

interface SpanStart {
  name: string;
  attributes: Attributes;
  parent: Context;
}

interface HandlerCall {
  name: string;
  kind: string;
  /** Undefined for a handler in this process. */
  method?: string;
}

type HeaderOf = (name: string) => string | undefined;

export interface Tracing {
  /** Traces a client's request to enter a namespace, from its arrival until it is accepted or refused. */
  handshake<R extends { code: string }>(
    namespace: string,
    transport: string,
    admit: () => Promise<R | undefined>,
  ): Promise<R | undefined>;
  /** Traces a publish request. Its span belongs to the trace that the header traceparent names. */
  publish<A extends { status: number; body: unknown }>(header: HeaderOf, handle: () => A | Promise<A>): Promise<A>;
  /** Traces a request to a handler. `call` gets the headers by which the handler can continue the trace. */
  handler<T extends object>(about: HandlerCall, call: (headers: Record<string, string>) => Promise<T>): Promise<T>;
  /** Sends the remaining spans, for at most two seconds. */
  stop(): Promise<void>;
}

/**
 * Sends trace spans to an OTLP collector over HTTP. Only rare operations are traced, never the fan-out. Attributes come
 * from fixed lists and contain no data of clients. This file is imported only if an endpoint is set.
 */
export function startTracing(
  config: TracingConfig,
  about: { nodeId: string; release: string },
  onLost: (count: number, reason: string) => void,
): Tracing {
  // The exporter must be able to send all waiting batches at once, because the last flush does so. It reads headers and
  // certificates from the variables OTEL_EXPORTER_OTLP_* itself.
  const exporter = new OTLPTraceExporter({
    url: `${config.endpoint}/v1/traces`,
    timeoutMillis: EXPORT_TIMEOUT_MS,
    concurrencyLimit: 1 + MAX_WAITING / MAX_BATCH,
  });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      "service.name": "realtime-gateway",
      "service.version": about.release,
      "service.instance.id": about.nodeId,
    }),
    sampler: samplerOf(config),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: countingLosses(exporter, onLost),
        maxQueueSize: MAX_WAITING,
        maxExportBatchSize: MAX_BATCH,
        scheduledDelayMillis: BATCH_AFTER_MS,
        exportTimeoutMillis: EXPORT_TIMEOUT_MS,
      }),
    ],
  });
  const tracer = provider.getTracer("realtime-gateway");
  const propagator = new W3CTraceContextPropagator();
  const getter = { keys: () => [], get: (header: HeaderOf, name: string) => header(name) };

  async function traced<T>(
    { name, attributes, parent }: SpanStart,
    work: () => T | Promise<T>,
    conclude: (span: Span, result: T) => void,
  ): Promise<T> {
    const span = tracer.startSpan(name, { kind: SpanKind.SERVER, attributes }, parent);
    try {
      const result = await work();
      conclude(span, result);
      return result;
    } catch (error) {
      // Only the log contains the error. Do not put it into the span, because its message can contain user data.
      span.setAttribute("realtime.refusal", "INTERNAL").setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  }

  return {
    // A new trace begins here, even if the client sends a traceparent header, because clients must not decide which
    // traces are sampled.
    handshake: (namespace, transport, admit) =>
      traced(
        {
          name: "handshake",
          attributes: { "realtime.namespace": namespace, "realtime.transport": transport },
          parent: ROOT_CONTEXT,
        },
        admit,
        (span, refusal) => {
          if (refusal !== undefined) span.setAttribute("realtime.refusal", refusal.code);
        },
      ),
    publish: (header, handle) =>
      traced(
        {
          name: "POST /api/publish",
          attributes: { "http.request.method": "POST", "http.route": "/api/publish" },
          parent: propagator.extract(ROOT_CONTEXT, header, getter),
        },
        handle,
        (span, { status, body }) => {
          span.setAttribute("http.response.status_code", status);
          if (status >= 400) span.setAttribute("realtime.refusal", (body as Refusal).code);
        },
      ),
    async handler({ name, kind, method }, call) {
      const http = method === undefined ? {} : { "http.request.method": method };
      const attributes = { "realtime.handler": name, "realtime.handler.kind": kind, ...http };
      const span = tracer.startSpan("handler request", { kind: SpanKind.CLIENT, attributes }, ROOT_CONTEXT);
      const headers: Record<string, string> = {};
      propagator.inject(trace.setSpan(ROOT_CONTEXT, span), headers, defaultTextMapSetter);
      try {
        const outcome = await call(headers);
        if ("failure" in outcome) span.setStatus({ code: SpanStatusCode.ERROR });
        return outcome;
      } finally {
        span.end();
      }
    },
    stop: () => within(STOP_WITHIN_MS, provider.shutdown()),
  };
}

function samplerOf({ sampler, ratio }: TracingConfig): Sampler {
  const roots: Record<string, () => Sampler> = {
    always_on: () => new AlwaysOnSampler(),
    always_off: () => new AlwaysOffSampler(),
    traceidratio: () => new TraceIdRatioBasedSampler(ratio),
  };
  const root = roots[sampler.replace("parentbased_", "")]!();
  return sampler.startsWith("parentbased_") ? new ParentBasedSampler({ root }) : root;
}

function countingLosses(exporter: SpanExporter, onLost: (count: number, reason: string) => void): SpanExporter {
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        if (result.code !== ExportResultCode.SUCCESS)
          onLost(spans.length, result.error?.message.slice(0, 200) ?? "unknown");
        done(result);
      }),
    forceFlush: async () => exporter.forceFlush?.(),
    shutdown: () => exporter.shutdown(),
  };
}

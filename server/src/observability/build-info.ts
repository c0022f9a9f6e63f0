import { Gauge, type Registry } from "prom-client";

/** A metric whose labels name the gateway's version, so that a dashboard can show which versions run. */
export function buildInfo(registry: Registry, version: string): void {
  const help = "Always 1; the labels have the component and its version";
  const labelNames = ["component", "version"];
  const gauge = new Gauge({ name: "realtime_build_info", help, labelNames, registers: [registry] });
  gauge.set({ component: "gateway", version }, 1);
}

import { Gauge, type Registry } from "prom-client";
import type { LedgerState } from "../ledger/ledger.ts";
import { ledgerReasons } from "../ledger/ledger-reasons.ts";
import type { Pool } from "../ledger/shares/pools.ts";
import { limitNames } from "../protocol/limits.ts";

/**
 * Metrics of the ledger: its counts, the limits, and whether the limits are exact. They are read when metrics are
 * scraped.
 */
export function ledgerMetrics(registry: Registry, ledger: () => LedgerState): void {
  const registers = [registry];
  const gauge = (name: string, help: string, read: (state: LedgerState) => number): void => {
    new Gauge({
      ...{ name, help, registers },
      collect() {
        this.set(read(ledger()));
      },
    });
  };
  const labelled = (name: string, help: string, label: string, read: (state: LedgerState) => Numbers): void => {
    new Gauge({
      ...{ name, help, registers, labelNames: [label] },
      collect() {
        for (const [value, number] of Object.entries(read(ledger()))) this.set({ [label]: value }, number);
      },
    });
  };
  gauge(
    "realtime_cluster_connections",
    "Connections of the whole cluster, as counted by the ledger",
    (state) => state.connections,
  );
  gauge("realtime_cluster_nodes", "Gateways in the cluster, as counted by the ledger", (state) => state.nodes);
  gauge(
    "realtime_ledger_exact",
    "1 while limits are exact for the whole cluster, 0 while this gateway enforces its share of each limit",
    ({ exactness }) => (exactness.isExact ? 1 : 0),
  );
  labelled("realtime_limit", "Configured limits", "limit", ({ limits }) => ({ ...limits }));
  labelled("realtime_limits_exact", "1 while this limit is exact for the whole cluster", "limit", exactOf);
  labelled(
    "realtime_limit_share",
    "This gateway's share of the limit; the whole limit while it is exact",
    "limit",
    shareOf,
  );
  labelled(
    "realtime_ledger_inexact",
    "1 for the current reason why limits are not exact, 0 for all other reasons",
    "reason",
    reasonOf,
  );
}

type Numbers = Record<string, number>;

function exactOf({ exactness }: LedgerState): Numbers {
  const isExact = (limit: string): boolean => exactness.isExact || !Object.hasOwn(exactness.share, limit);
  return Object.fromEntries(limitNames.map((limit) => [limit, isExact(limit) ? 1 : 0]));
}

function shareOf({ exactness, limits }: LedgerState): Numbers {
  if (exactness.isExact) return { ...limits };
  return Object.fromEntries(limitNames.map((limit) => [limit, exactness.share[limit as Pool] ?? limits[limit]]));
}

function reasonOf({ exactness }: LedgerState): Numbers {
  const reason = exactness.isExact ? undefined : exactness.reason;
  return Object.fromEntries(Object.keys(ledgerReasons).map((each) => [each, each === reason ? 1 : 0]));
}

import { useCase } from "@realtime-operator/client/react";
import { useRef, useState } from "react";
import type { Case, CaseUpdate, LogEntry } from "../backend/case.ts";
import { fetchCase } from "./backend.ts";

/** A case with all its updates. Components with the same case share one subscription. */
export function useLiveCase(caseId: string): Case | undefined {
  const [item, setItem] = useState<Case>();
  const loadedVersion = useRef(0);
  useCase(caseId, {
    follow: {
      async load(signal) {
        const loaded = await fetchCase(caseId, signal);
        loadedVersion.current = loaded.log.at(-1)?.version ?? 0;
        setItem(loaded);
      },
      apply(event, payload) {
        if (event !== "case:updated") return;
        const { entry } = payload as CaseUpdate;
        // The back end stores an update before it publishes it, so the loaded case may have the update already.
        if (entry.version <= loadedVersion.current) return;
        setItem((before) => before && { ...before, log: sorted([...before.log, entry]) });
      },
    },
  });
  return item;
}

/** The back end publishes through all gateways. After an outage of Redis, an update can arrive after a later one. */
function sorted(log: LogEntry[]): LogEntry[] {
  return log.sort((one, other) => one.version - other.version);
}

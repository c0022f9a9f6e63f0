import { useRealtime, useStatus } from "@realtime-operator/client/react";
import { useEffect, useState, type ReactNode } from "react";

/** The part of the event connected that says what a client has missed while it was not connected. */
interface Greeting {
  recovered?: boolean;
  /** The number of missed events that follow. */
  missed?: number;
  lostRooms?: string[];
}

/** What the last connection means for the events in the time without one. Undefined: there was no such time. */
type Outcome = { kind: "caught-up"; missed: number } | { kind: "gap" } | undefined;

/** Says whether the page has all events. */
export function Banner(): ReactNode {
  const client = useRealtime();
  const status = useStatus();
  const [outcome, setOutcome] = useState<Outcome>();
  useEffect(() => {
    let wasConnected = false;
    let wasAway = false;
    const offStatus = client.onStatus(({ state }) => {
      wasAway ||= state === "reconnecting";
      if (state === "reconnecting") setOutcome(undefined);
    });
    const offConnected = client.on("connected", (payload) => {
      const { recovered = false, missed = 0, lostRooms = [] } = payload as Greeting;
      if (wasConnected && (!recovered || lostRooms.length > 0)) setOutcome({ kind: "gap" });
      else if (wasAway) setOutcome({ kind: "caught-up", missed });
      wasConnected = true;
      wasAway = false;
    });
    return () => {
      offStatus();
      offConnected();
    };
  }, [client]);

  const connect = <button onClick={() => client.connect()}>Connect again</button>;
  const dismiss = <button onClick={() => setOutcome(undefined)}>Dismiss</button>;
  switch (status.state) {
    case "idle":
    case "connecting":
      return <Line kind="waiting" text="Connecting…" />;
    case "reconnecting":
      return <Line kind="waiting" text="Connection lost. Reconnecting… Messages that you send now wait." />;
    case "refused":
      return <Line kind="bad" text={`The gateway refuses this page: ${status.refusal.message}.`} action={connect} />;
    case "closed":
      return <Line kind="bad" text="Disconnected." />;
    case "live":
      if (outcome === undefined) return <Line kind="quiet" text="" />;
      if (outcome.kind === "gap") return <Line kind="gap" text={GAP} action={dismiss} />;
      return <Line kind="good" text={caughtUp(outcome.missed)} action={dismiss} />;
  }
}

const GAP = "Connected again, but this page may have missed something. It loads everything again.";

function caughtUp(missed: number): string {
  if (missed === 0) return "Connected again. You have missed nothing.";
  return `Connected again, and caught up with ${missed} missed ${missed === 1 ? "event" : "events"}.`;
}

/** Is in the page all the time, because screen readers announce only changes of an existing status. */
function Line({ kind, text, action }: { kind: string; text: string; action?: ReactNode }): ReactNode {
  return (
    <div className={`banner ${kind}`}>
      <p role="status">{text}</p>
      {action}
    </div>
  );
}

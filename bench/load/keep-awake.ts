/**
 * Polls without sleeping until `stop`. A send over loopback to a sleeping process pays for waking its core, more under a
 * hypervisor, so a slower server would seem slower still merely because it lets the load generator doze.
 * `stop` answers with the share of the time in which polls found something to do: what is missing to 1 is headroom.
 */
export function keepAwake(): { stop(): number } {
  const start = performance.now();
  let last = start;
  let busyMs = 0;
  let isOn = true;
  const tick = (): void => {
    if (!isOn) return;
    const now = performance.now();
    // An empty round trip through the loop takes a few microseconds; anything longer read something.
    if (now - last > EMPTY_POLL_MS) busyMs += now - last;
    last = now;
    setImmediate(tick);
  };
  setImmediate(tick);
  return {
    stop() {
      isOn = false;
      return busyMs / (performance.now() - start);
    },
  };
}

const EMPTY_POLL_MS = 0.012;

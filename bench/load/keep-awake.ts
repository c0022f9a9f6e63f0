/**
 * Keeps the load generator's core awake until `stop` is called, by polling the event loop. When a server sends over
 * loopback to a process that sleeps, the server's CPU time includes waking the other core. A slow server lets the load
 * generator sleep more often, so it would seem even slower than it is. `stop` returns the share of the time in which
 * polls found data. The rest is unused capacity of the load generator.
 */
export function keepAwake(): { stop(): number } {
  const start = performance.now();
  let last = start;
  let busyMs = 0;
  let isOn = true;
  const tick = (): void => {
    if (!isOn) return;
    const now = performance.now();
    // A turn of the event loop that reads nothing takes a few microseconds. In a longer turn, the process has read
    // data.
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

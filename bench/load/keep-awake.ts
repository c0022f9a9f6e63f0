/**
 * Polls without sleeping until `stop`. A server that sends over loopback to a sleeping process also pays for waking its
 * core. A slow server lets the load generator sleep, and would therefore seem even slower. `stop` returns the share of
 * time in which polls found work; the rest is headroom.
 */
export function keepAwake(): { stop(): number } {
  const start = performance.now();
  let last = start;
  let busyMs = 0;
  let isOn = true;
  const tick = (): void => {
    if (!isOn) return;
    const now = performance.now();
    // An empty turn of the loop takes a few microseconds. In a longer turn, something was read.
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

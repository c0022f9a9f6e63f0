// Must be imported first, so that SIGTERM has a listener during all other imports. As process 1 of a container, the
// gateway would lose a SIGTERM without a listener, and the pod would run until its grace period ends.
let listener = (signal: string): void => void early.push(signal);
const early: string[] = [];
for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => listener(signal));

/** Calls the listener for each stop signal, also for those that came before this call. */
export function onStopSignal(next: (signal: string) => void): void {
  listener = next;
  for (const signal of early.splice(0)) next(signal);
}

// Import this first. Process 1 of a container loses a SIGTERM while it has no listener. A SIGTERM that comes during the
// imports would be lost, and the pod would run until its grace period ends.
let listener = (signal: string): void => void early.push(signal);
const early: string[] = [];
for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => listener(signal));

/** Calls the listener for every stop signal, including those that came before this call. */
export function onStopSignal(next: (signal: string) => void): void {
  listener = next;
  for (const signal of early.splice(0)) next(signal);
}

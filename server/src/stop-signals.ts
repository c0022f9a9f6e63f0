// The first import of all. In a container the process is number 1, for which the kernel drops a SIGTERM that nobody
// listens for: one that came while the rest was being loaded would be lost, and the pod would be there until its grace
// period ends.
let listener = (signal: string): void => void early.push(signal);
const early: string[] = [];
for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => listener(signal));

/** Hears every signal that asks the process to stop, those that came before included. */
export function onStopSignal(next: (signal: string) => void): void {
  listener = next;
  for (const signal of early.splice(0)) next(signal);
}

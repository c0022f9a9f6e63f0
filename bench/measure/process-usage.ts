import { readFileSync } from "node:fs";

/** /proc/PID/stat has CPU time in hundredths of a second. */
const TICKS_PER_SECOND = 100;

/** Seconds of CPU time since the process started, in user mode and in the kernel together. */
export function cpuSecondsOf(pid: number): number {
  // CPU time in user mode and in the kernel are the fields 14 and 15 of this file. Field 2 is a name that may contain
  // spaces, so split the line after it.
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Number of write system calls that a process has made since its start. */
export function writesOf(pid: number): number {
  return Number(/^syscw: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, "utf8"))![1]);
}

import { readFileSync } from "node:fs";

/** The unit of CPU time in /proc is a hundredth of a second. */
const TICKS_PER_SECOND = 100;

/** Seconds of CPU time since the process started, in user mode and in the kernel together. */
export function cpuSecondsOf(pid: number): number {
  // The two numbers are fields 14 and 15 of the line. The name in field 2 may contain spaces, so split the line after
  // it.
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Number of write system calls that a process has made since its start. */
export function writesOf(pid: number): number {
  return Number(/^syscw: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, "utf8"))![1]);
}

import { readFileSync } from "node:fs";

/** Linux counts a process's CPU time in hundredths of a second. */
const TICKS_PER_SECOND = 100;

/** CPU time that a process has used since its start, in user mode and in the kernel. */
export function cpuSecondsOf(pid: number): number {
  // Fields 14 and 15 of the whole line. The line is split after the name, because the name may contain spaces.
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Number of write system calls that a process has made since its start. */
export function writesOf(pid: number): number {
  return Number(/^syscw: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, "utf8"))![1]);
}

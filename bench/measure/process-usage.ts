import { readdirSync, readFileSync } from "node:fs";

/** /proc/PID/stat has CPU time in hundredths of a second. */
const TICKS_PER_SECOND = 100;

/** Seconds of CPU time since the process started, in user mode and in the kernel together. */
export function cpuSecondsOf(pid: number): number {
  // CPU time in user mode and in the kernel are the fields 14 and 15 of this file. Field 2 is a name that may contain
  // spaces, so split the line after it.
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Microseconds of CPU time of the threads that the process has now. For a process that ends no threads. */
export function cpuMicrosOf(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  // The first number of this file is the CPU time in nanoseconds.
  const nanos = threads.map((thread) => parseInt(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8"), 10));
  return nanos.reduce((sum, each) => sum + each, 0) / 1_000;
}

export function rssBytesOf(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]) * 1_024;
}

/** Number of write system calls that a process has made since its start. */
export function writesOf(pid: number): number {
  return Number(/^syscw: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, "utf8"))![1]);
}

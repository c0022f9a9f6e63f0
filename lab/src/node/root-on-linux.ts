/**
 * Throws when this machine cannot run a lab node, because it is not Linux or the user is not root. The error says what
 * to do.
 */
export function requireRootOnLinux(): void {
  if (process.platform !== "linux") throw new Error(`the lab's node needs Linux, and this is ${process.platform}`);
  if (process.getuid?.() !== 0)
    throw new Error("the lab's node needs root, for namespaces and containers: run it with sudo");
}

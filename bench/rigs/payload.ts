/** Text of exactly `bytes` bytes that starts with a 16-digit number (a sequence number, or a time in microseconds). */
export function payload(bytes: number, number: number): string {
  return number.toString().padStart(16, "0") + "x".repeat(bytes - 16);
}

/** Socket.IO's bytes around a payload: 42["m","..."], with the namespace before the list unless it is "/". */
export const packetText = (data: string, namespace = "/"): string =>
  `42${namespace === "/" ? "" : `${namespace},`}["m","${data}"]`;

/** The namespace a rig's clients enter. */
export const namespaceOf = (kind: string): string => (kind.startsWith("gateway") ? "/messaging" : "/");

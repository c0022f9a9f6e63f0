/** Text of exactly `bytes` bytes that starts with a 16-digit number (a sequence number, or a time in microseconds). */
export function payload(bytes: number, number: number): string {
  return number.toString().padStart(16, "0") + "x".repeat(bytes - 16);
}

/** What Socket.IO puts round a payload: 42["m","..."], the namespace before the list where it is not the default one. */
export const packetText = (data: string, namespace = "/"): string =>
  `42${namespace === "/" ? "" : `${namespace},`}["m","${data}"]`;

/** The namespace a rig's clients enter. */
export const namespaceOf = (kind: string): string => (kind.startsWith("gateway") ? "/messaging" : "/");

/**
 * A text of exactly `bytes` bytes. It starts with a number of 16 digits: a sequence number, or a time in microseconds.
 */
export function payload(bytes: number, number: number): string {
  return number.toString().padStart(16, "0") + "x".repeat(bytes - 16);
}

/** The text of a Socket.IO event: 42["m","..."]. A namespace other than "/" stands before the bracket. */
export const packetText = (data: string, namespace = "/"): string =>
  `42${namespace === "/" ? "" : `${namespace},`}["m","${data}"]`;

/** The namespace that clients enter on this kind of server. */
export const namespaceOf = (kind: string): string => (kind.startsWith("gateway") ? "/messaging" : "/");

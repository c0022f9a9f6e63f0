/** Text of exactly `bytes` bytes that starts with a 16-digit number (a sequence number, or a time in microseconds). */
export function payload(bytes: number, number: number): string {
  return number.toString().padStart(16, "0") + "x".repeat(bytes - 16);
}

/** What Socket.IO puts round a payload in the default namespace: 42["m","..."]. */
export const packetText = (data: string): string => `42["m","${data}"]`;

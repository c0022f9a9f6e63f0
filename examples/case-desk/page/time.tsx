import type { ReactNode } from "react";

export function Time({ at }: { at: string }): ReactNode {
  return <time dateTime={at}>{new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })}</time>;
}

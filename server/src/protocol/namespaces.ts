/** The namespaces that clients can enter. They have the same events, but separate rooms. */
export const namespaces = ["/events", "/messaging"] as const;

/** The names of the namespaces, for messages to people. */
export const namespacesInWords = namespaces.join(" or ");

export function isNamespace(name: string): boolean {
  return (namespaces as readonly string[]).includes(name);
}

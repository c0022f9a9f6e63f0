/** The namespaces clients may enter. They have the same events and separate rooms. */
export const namespaces = ["/events", "/messaging"] as const;

/** The namespaces' names in messages to people. */
export const namespacesInWords = namespaces.join(" or ");

export function isNamespace(name: string): boolean {
  return (namespaces as readonly string[]).includes(name);
}

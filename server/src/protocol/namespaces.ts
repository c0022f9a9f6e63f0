/** The namespaces clients may enter. Both know the same events; their rooms are apart. */
export const namespaces = ["/events", "/messaging"] as const;

/** For messages to people. */
export const namespacesInWords = namespaces.join(" or ");

export function isNamespace(name: string): boolean {
  return (namespaces as readonly string[]).includes(name);
}

const DSN = /^https?:\/\/\w+(?::\w+)?@[\w.-]+(?::\d+)?\/(?:[\w./-]+\/)?\d+$/;

/** Whether this looks like a DSN: scheme, key, host and project. Sentry's own parser takes a wrong one for none, and only warns. */
export function isSentryDsn(text: string): boolean {
  return DSN.test(text);
}

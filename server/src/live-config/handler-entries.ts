import * as z from "zod";
import { EVENT_NAME, isReservedEvent } from "../protocol/client-events.ts";

/**
 * The decisions about which the gateway can ask a handler (connect, join, publish), and `gone`: reports about clients
 * that have left.
 */
export const hookKinds = ["connect", "join", "publish", "gone"] as const;
export type HookKind = (typeof hookKinds)[number];

/** One HTTP service of the application: which events it handles, and how the gateway calls it. */
export interface HandlerEntry {
  name: string;
  url: string;
  /** Names of events, or prefixes that end in `*`. */
  events: readonly string[];
  /** The decisions about which the gateway asks this handler. */
  hooks: readonly HookKind[];
  timeoutMilliseconds: number;
  /** Maximum number of requests of one gateway that are in flight at the same time. */
  maxInFlight: number;
  /** PerClient: requests of one client are sent one after another. None: they can overtake each other. */
  order: "PerClient" | "None";
  /** What the gateway decides when the handler gives no valid answer. */
  onFailure: "Refuse" | "Allow";
  /** Whether the handler recognizes a repeated request by its id. */
  idempotent: boolean;
}

/** An entry as it was configured. Each missing field has its default. */
export type HandlerSpec = Pick<HandlerEntry, "name" | "url"> & Partial<HandlerEntry>;

export const MAX_HANDLERS = 32;
/** The API server compares the events of all entries with each other, and allows at most a million comparisons. */
export const MAX_EVENTS = 32;
export const timeoutBounds = [50, 30_000] as const;
export const inFlightBounds = [1, 10_000] as const;
export const HANDLER_DEFAULTS = {
  events: [],
  hooks: [],
  timeoutMilliseconds: 1_000,
  maxInFlight: 64,
  order: "PerClient",
  onFailure: "Refuse",
  idempotent: false,
} as const satisfies Partial<HandlerEntry>;

const whole = ([least, most]: readonly [number, number]) => {
  const message = `must be a whole number from ${least} to ${most}`;
  return z.int(message).min(least, message).max(most, message);
};

/** The arguments of zod's `refine` for a check: a text is valid if `problemIn` returns undefined. */
function without(problemIn: (text: string) => string | undefined) {
  const isValid = (text: string): boolean => problemIn(text) === undefined;
  return [isValid, { error: ({ input }: { input: unknown }) => problemIn(input as string) }] as const;
}

const spec = z.strictObject(
  {
    name: z
      .string("is missing: give the handler a name, such as orders")
      .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, "must be 1 to 63 lower-case letters, digits or -, such as orders"),
    url: z.string("is missing: set it to an address like http://orders:8080/realtime").refine(...without(urlProblem)),
    events: z
      .array(
        z.string("must be a name").refine(...without(eventProblem)),
        'must be a list of names, such as ["order:*"]',
      )
      .max(MAX_EVENTS, `must have at most ${MAX_EVENTS} entries`)
      .optional(),
    hooks: z
      .array(z.enum(hookKinds, `must be one of ${hookKinds.join(", ")}`), `must be a list of ${hookKinds.join(", ")}`)
      .optional(),
    timeoutMilliseconds: whole(timeoutBounds).optional(),
    maxInFlight: whole(inFlightBounds).optional(),
    order: z.enum(["PerClient", "None"], "must be PerClient or None").optional(),
    onFailure: z.enum(["Refuse", "Allow"], "must be Refuse or Allow").optional(),
    idempotent: z.boolean("must be true or false").optional(),
  },
  'must be an object like {"name":"orders","url":"http://orders:8080/realtime","events":["order:*"]}',
);

/** All problems of a list of handlers. Each names its field, which begins with `path`, and says what to do. */
export function problemsOfHandlers(list: unknown, path: string): readonly string[] {
  if (!Array.isArray(list) || list.length > MAX_HANDLERS)
    return [`${path} must be a list of at most ${MAX_HANDLERS} handlers`];
  const problems = list.flatMap((entry, index) => problemsOfEntry(entry, `${path}[${index}]`));
  return problems.length > 0 ? problems : problemsBetween(list as HandlerSpec[], path);
}

/** Fills in the defaults for missing fields of a valid entry. */
export function withDefaults(given: HandlerSpec): HandlerEntry {
  return { ...HANDLER_DEFAULTS, ...given };
}

function problemsOfEntry(entry: unknown, path: string): string[] {
  const parsed = spec.safeParse(entry);
  if (!parsed.success) return parsed.error.issues.map((issue) => problemOf(issue, path));
  const { events = [], hooks = [] } = parsed.data;
  const isUsed = events.length + hooks.length > 0;
  return isUsed ? [] : [`${path} handles nothing: list a name in events, or one of ${hookKinds.join(", ")} in hooks`];
}

function problemOf(issue: z.core.$ZodIssue, path: string): string {
  const field = issue.path.map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`)).join("");
  if (issue.code !== "unrecognized_keys") return `${path}${field} ${issue.message}`;
  return `${path}.${issue.keys[0]} is not a field of a handler: remove it`;
}

/** Problems between several entries, for example the same name twice. */
function problemsBetween(list: readonly HandlerSpec[], path: string): string[] {
  const owners = new Map<string, string>();
  return list.flatMap(({ name, events = [], hooks = [] }, index) => {
    const at = `${path}[${index}]`;
    const claims = [
      { what: `name ${name}`, where: `${at}.name` },
      ...events.map((event) => ({ what: `event ${event}`, where: `${at}.events` })),
      ...hooks.map((hook) => ({ what: `hook ${hook}`, where: `${at}.hooks` })),
    ];
    return claims.flatMap(({ what, where }) => {
      const owner = owners.get(what);
      owners.set(what, owner ?? where);
      return owner === undefined ? [] : [`${where} repeats the ${what} of ${owner}: remove it from one of them`];
    });
  });
}

function urlProblem(text: string): string | undefined {
  const url = URL.parse(text);
  if (url === null || !["http:", "https:"].includes(url.protocol))
    return "must be an http or https URL, such as http://orders:8080/realtime";
  if (url.username !== "" || url.password !== "")
    return "must not contain a user name or password: the handler checks X-Realtime-Signature";
  return url.hash === "" ? undefined : "must not contain a fragment (#...): remove it";
}

/** What is wrong with the name of an event, or with a prefix that ends in `*`. */
export function eventProblem(event: string): string | undefined {
  const isPrefix = event.endsWith("*");
  const name = isPrefix ? event.slice(0, -1) : event;
  if (!EVENT_NAME.test(name) && event !== "*")
    return "must be 1 to 64 letters, digits or _ : . - characters, or such a prefix and *";
  return !isPrefix && isReservedEvent(name)
    ? `is ${event}, an event of the gateway itself: choose another name`
    : undefined;
}

import { relative } from "node:path";
import type { Spec } from "../../api/realtime-cluster.ts";
import { HandlerFront, type HandlerCall } from "./handler-front.ts";
import { differences, entriesFor } from "./handler-list.ts";
import { LocalHandlers } from "./local-handlers.ts";

type Entries = Spec["handlers"];

export interface DevHandlersDeps {
  /** The file of `--handlers`. Undefined: the handlers are processes that the user starts. */
  file: string | undefined;
  directory: string;
  env: Readonly<Record<string, string | undefined>>;
  /** The key with which gateways sign their requests. */
  secret: string;
  write: (text: string) => void;
  onCall: (call: HandlerCall) => void;
  /** Called when the saved file handles other events than before. */
  onOtherEvents: () => void;
}

/**
 * The application's handlers on this machine. Gateways send their requests to one local address. It passes them on to
 * the process of `--handlers`, or to the local port of the Service that an entry of spec.handlers names.
 */
export class DevHandlers {
  readonly #deps: DevHandlersDeps;
  readonly #front: HandlerFront;
  readonly #local: LocalHandlers | undefined;
  #entries: Entries = [];
  #handled = "";

  constructor(deps: DevHandlersDeps) {
    this.#deps = deps;
    this.#front = new HandlerFront(deps.onCall);
    const { file } = deps;
    if (file !== undefined) this.#local = new LocalHandlers({ ...deps, file, onReplaced: () => this.#replaced() });
  }

  async start(): Promise<void> {
    await this.#front.listen();
    await this.#local?.start();
    this.#handled = JSON.stringify(this.#local?.handled);
  }

  async stop(): Promise<void> {
    this.#front.close();
    await this.#local?.stop();
  }

  /** The list for a resource that has no spec.handlers. Undefined when the events are not known. */
  get derived(): object[] | undefined {
    const handled = this.#local?.handled;
    return handled === undefined ? undefined : entriesFor(handled);
  }

  /** Takes over the entries of the spec. Returns them with the URLs that gateways use on this machine. */
  serve(entries: Entries): Entries {
    this.#entries = entries;
    void this.#front.serve(this.#urls());
    return entries.map(({ service, url, ...entry }) =>
      service === undefined && this.#local === undefined
        ? { ...entry, url: url! }
        : { ...entry, url: this.#front.urlOf(entry.name) },
    );
  }

  /** What the user must know about the entries. */
  notes(entries: Entries): string[] {
    const { file, directory } = this.#deps;
    if (file === undefined) return [];
    const name = relative(directory, file);
    const handled = this.#local?.handled;
    if (handled !== undefined) return differences(entries, handled, name);
    return entries.length > 0 ? [] : [`${name} is a server of its own: list its events in spec.handlers`];
  }

  async #replaced(): Promise<void> {
    const finished = this.#front.serve(this.#urls());
    const handled = JSON.stringify(this.#local?.handled);
    if (handled !== this.#handled) this.#deps.onOtherEvents();
    this.#handled = handled;
    await finished;
  }

  #urls(): Map<string, string> {
    const local = this.#local;
    if (local !== undefined) return new Map(this.#entries.map(({ name }) => [name, local.url]));
    return new Map(
      this.#entries.flatMap(({ name, service }) =>
        service === undefined ? [] : [[name, `http://localhost:${service.port}${service.path}`] as const],
      ),
    );
  }
}

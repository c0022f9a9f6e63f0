import type { Logger } from "../observability/logger.ts";
import { networkNameOf } from "../protocol/trusted-proxies.ts";

/** A decision needs at least this many handshakes, because a client may send X-Forwarded-For itself. */
const LEAST_HANDSHAKES = 20;
/** At this number of handshakes the counts are halved, so that a change of the proxies shows soon. */
const REMEMBERED_HANDSHAKES = 400;

/**
 * Detects a proxy in front of the trusted proxies that is not in TRUSTED_PROXIES. With such a proxy, the address that
 * counts is the proxy's, and X-Forwarded-For has further entries to the left of it in most handshakes.
 */
export class UnlistedProxies {
  readonly #logger: Pick<Logger, "warn">;
  #handshakes = 0;
  #withClaims = 0;
  #address = "";
  #isReported = false;

  constructor(logger: Pick<Logger, "warn">) {
    this.#logger = logger;
  }

  note({ address, claims }: { address: string; claims: number }): void {
    if (this.#handshakes >= REMEMBERED_HANDSHAKES) {
      this.#handshakes /= 2;
      this.#withClaims /= 2;
    }
    this.#handshakes += 1;
    if (claims > 0) {
      this.#withClaims += 1;
      this.#address = address;
    }
    const network = this.network();
    if (network !== undefined && !this.#isReported)
      this.#logger.warn(
        { address: this.#address, network },
        "many clients seem to have one address because their proxy is not in TRUSTED_PROXIES",
      );
    this.#isReported = network !== undefined;
  }

  /** Undefined while no proxy is missing. Otherwise the name of the missing proxy's network, or "unknown". */
  network(): string | undefined {
    if (this.#handshakes < LEAST_HANDSHAKES || this.#withClaims * 2 <= this.#handshakes) return undefined;
    return networkNameOf(this.#address) ?? "unknown";
  }
}

import type { Logger } from "../observability/logger.ts";
import { networkNameOf } from "../protocol/trusted-proxies.ts";

/** Fewer handshakes say nothing: a client may send X-Forwarded-For itself. */
const LEAST_HANDSHAKES = 20;
/** Counts are halved here, so that a changed path shows soon. */
const REMEMBERED_HANDSHAKES = 400;

/**
 * Notices a proxy before ours that TRUSTED_PROXIES does not list: most handshakes then have entries in X-Forwarded-For
 * to the left of the address that counts, and that address is the proxy's.
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
        "clients share one address, a proxy is not in TRUSTED_PROXIES",
      );
    this.#isReported = network !== undefined;
  }

  /** Undefined while no proxy is missing; otherwise the name of its network, or "unknown". */
  network(): string | undefined {
    if (this.#handshakes < LEAST_HANDSHAKES || this.#withClaims * 2 <= this.#handshakes) return undefined;
    return networkNameOf(this.#address) ?? "unknown";
  }
}

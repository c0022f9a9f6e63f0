import type { Logger } from "../observability/logger.ts";
import { networkNameOf } from "../protocol/trusted-proxies.ts";

/** Number of handshakes that are needed for a decision, because single clients can send X-Forwarded-For themselves. */
const LEAST_HANDSHAKES = 20;
/**
 * At this number of handshakes the counts are halved. So older handshakes count less, and a change of the proxies is
 * detected soon.
 */
const REMEMBERED_HANDSHAKES = 400;

/**
 * Detects a proxy that is in front of the trusted proxies but not in TRUSTED_PROXIES. The gateway then takes this
 * proxy's address for the client's, and in most handshakes X-Forwarded-For has more entries to the left of it.
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

  /**
   * Name of the network of a proxy that is missing in TRUSTED_PROXIES, or "unknown". Undefined while no proxy is
   * missing.
   */
  network(): string | undefined {
    if (this.#handshakes < LEAST_HANDSHAKES || this.#withClaims * 2 <= this.#handshakes) return undefined;
    return networkNameOf(this.#address) ?? "unknown";
  }
}

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Values of Secrets, one file each under `.realtime/secrets/<secret>/<key>`. A missing one is drawn at random and kept,
 * so that tokens stay valid over restarts. To use a value of your own, write it into the file.
 */
export class LocalSecrets {
  readonly #folder: string;
  readonly #draw: () => string;

  /** `draw` gives 64 hex characters. */
  constructor(folder: string, draw: () => string) {
    this.#folder = folder;
    this.#draw = draw;
  }

  value(secret: string, key: string): string {
    const folder = join(this.#folder, "secrets", secret);
    const file = join(folder, key);
    try {
      return readFileSync(file, "utf8").trim();
    } catch {
      const value = this.#draw();
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      writeFileSync(file, `${value}\n`, { mode: 0o600 });
      return value;
    }
  }
}

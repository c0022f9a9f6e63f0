import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * The values of Secrets. Each is stored in the file `.realtime/secrets/<secret>/<key>`. A missing value is generated
 * once and stored, so that tokens stay valid after a restart. To use your own value, write it into the file.
 */
export class LocalSecrets {
  readonly #folder: string;
  readonly #draw: () => string;

  /** `draw` returns 64 random hex characters. */
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

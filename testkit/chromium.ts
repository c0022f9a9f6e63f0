import { chromium, type Browser } from "playwright-core";

/**
 * Starts the Chromium of this machine, which `make deps` installs. playwright-core drives it, and downloads no browser
 * of its own.
 */
export function startChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: "/usr/bin/chromium",
    // As root, Chromium does not start with its sandbox. /dev/shm is too small in many containers.
    args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
  });
}

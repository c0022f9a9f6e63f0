import { join } from "node:path";
import react from "@vitejs/plugin-react";
import { build, createServer, preview, type InlineConfig } from "vite";

const here = import.meta.dirname;
const clone = join(here, "../..");

/** The packages of this clone. They are not published yet, so the bundlers use their sources. */
export const packages = {
  "@realtime-operator/client/react": join(clone, "client/src/react.ts"),
  "@realtime-operator/client": join(clone, "client/src/realtime.ts"),
  "@realtime-operator/handlers": join(clone, "sdk/src/handlers.ts"),
};

export interface PageOptions {
  port: number;
  backendUrl: string;
  /** The address of the gateways, and the host name by which an ingress finds them. */
  realtimeUrl: string;
  host?: string;
  /** True: a change of a source file appears in the page at once. */
  isEdited: boolean;
}

/**
 * Serves the page. It passes /api on to the back end and /socket.io on to the gateways, so that the page needs only one
 * origin, as behind an ingress.
 */
export async function servePage({ port, backendUrl, realtimeUrl, host, isEdited }: PageOptions): Promise<string> {
  const named = host ?? new URL(realtimeUrl).host;
  const listen = {
    ...{ host: "127.0.0.1", port, strictPort: true },
    proxy: {
      "/api": { target: backendUrl },
      // The gateways know the Origin that has their own host name.
      "/socket.io": { target: realtimeUrl, ws: true, headers: { host: named, origin: `http://${named}` } },
    },
  };
  const config: InlineConfig = {
    ...{ configFile: false, root: join(here, "page"), logLevel: "warn", plugins: [react()] },
    resolve: { alias: packages, dedupe: ["react", "react-dom"] },
    build: { outDir: join(here, "dist/page"), emptyOutDir: true },
    ...{ server: listen, preview: listen },
  };
  if (isEdited) await (await createServer(config)).listen();
  else {
    await build(config);
    await preview(config);
  }
  return `http://127.0.0.1:${port}`;
}

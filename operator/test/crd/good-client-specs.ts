/** Addresses and origins of clients that the API server, the command line and the gateway all must accept. */
export const goodClientSpecs: readonly { name: string; spec: { trustedProxies?: string[]; origins?: string[] } }[] = [
  ...[
    ["10.0.0.0/8", "fd00::/8", "192.0.2.1/32"],
    ["private"],
    ["private", "gke"],
    ["private", "cloudflare"],
    ["private", "gke", "cloudflare", "203.0.113.0/24", "+2"],
    ["+1", "private"],
    ["private", "+16"],
    ["0"],
    ["2"],
    ["16"],
  ].map((trustedProxies) => ({ name: `trusted proxies ${trustedProxies.join(", ")}`, spec: { trustedProxies } })),
  ...[
    "null",
    "file://",
    "capacitor://localhost",
    "ionic://localhost",
    "tauri://localhost",
    "http://tauri.localhost",
    "https://localhost",
    "app://-",
    "app://bundle",
    "chrome-extension://abcdefghijklmnop",
    "http://localhost:5173",
    "*",
  ].map((origin) => ({ name: `origin ${origin}`, spec: { origins: [origin] } })),
];

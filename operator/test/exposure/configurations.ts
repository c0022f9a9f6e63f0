// Configuration files as two ingress controllers would write them for the annotations of our profiles. All settings
// without an annotation have the program's default values. Only idle timeouts are shortened from a minute to a few
// seconds, because the test waits longer than they last.

/** The idle timeout in seconds. Even on a busy machine, a program that is not idle sends something within this time. */
export const idleSeconds = 3;

export interface Upstreams {
  port: number;
  folder: string;
  upstreams: readonly number[];
  annotations: Readonly<Record<string, string>>;
}

/**
 * What haproxy-ingress 0.16 writes for the annotations: timeout-tunnel becomes `timeout tunnel`. The affinity `cookie`
 * becomes a cookie of the backend with the name from session-cookie-name.
 */
export function haproxyConfiguration({ port, upstreams, annotations }: Upstreams): string {
  const at = (key: string): string | undefined => annotations[`haproxy-ingress.github.io/${key}`];
  const cookie = at("affinity") === "cookie" ? at("session-cookie-name") : undefined;
  return [
    "defaults",
    "  mode http",
    "  timeout connect 5s",
    `  timeout client ${idleSeconds}s`,
    `  timeout server ${idleSeconds}s`,
    ...(at("timeout-tunnel") === undefined ? [] : [`  timeout tunnel ${at("timeout-tunnel")}`]),
    "frontend in",
    `  bind 127.0.0.1:${port}`,
    "  default_backend gateways",
    "backend gateways",
    "  balance roundrobin",
    ...(cookie === undefined
      ? []
      : [`  cookie ${cookie} insert indirect nocache${at("session-cookie-preserve") === "true" ? " preserve" : ""}`]),
    ...upstreams.map(
      (upstream, index) =>
        `  server gateway-${index} 127.0.0.1:${upstream}${cookie === undefined ? "" : ` cookie pod-${index}`}`,
    ),
    "",
  ].join("\n");
}

/**
 * What ingress-nginx 1.15 writes for the annotations: the proxy timeouts are copied. For affinity, a hash of the cookie
 * selects the pod. It allows WebSocket upgrades without an annotation.
 */
export function nginxConfiguration({ port, folder, upstreams, annotations }: Upstreams): string {
  const at = (key: string): string | undefined => annotations[`nginx.ingress.kubernetes.io/${key}`];
  const cookie = at("affinity") === "cookie" ? at("session-cookie-name") : undefined;
  return `
daemon off;
worker_processes 1;
pid ${folder}/pid;
events { worker_connections 256; }
http {
  access_log off;
  client_body_temp_path ${folder}/tmp; proxy_temp_path ${folder}/tmp; fastcgi_temp_path ${folder}/tmp; uwsgi_temp_path ${folder}/tmp; scgi_temp_path ${folder}/tmp;
  map $http_upgrade $connection_upgrade { default upgrade; "" ""; }
  ${cookie === undefined ? "" : `map $cookie_${cookie} $route { default $cookie_${cookie}; "" $request_id; }`}
  upstream gateways {
    ${cookie === undefined ? "" : "hash $route consistent;"}
    ${upstreams.map((upstream) => `server 127.0.0.1:${upstream};`).join(" ")}
  }
  server {
    listen 127.0.0.1:${port};
    location /socket.io/ {
      proxy_pass http://gateways;
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
      proxy_read_timeout ${at("proxy-read-timeout") ?? idleSeconds}s;
      proxy_send_timeout ${at("proxy-send-timeout") ?? idleSeconds}s;
      ${cookie === undefined ? "" : `add_header Set-Cookie "${cookie}=$route; Path=${at("session-cookie-path") ?? "/socket.io/"}" always;`}
    }
  }
}
`;
}

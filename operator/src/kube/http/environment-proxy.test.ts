import { expect, test } from "@jest/globals";
import { environmentProxy } from "./environment-proxy.ts";

const server = "https://api.example.com:6443/k8s";
const proxy = "http://proxy:3128";

test.each([
  { when: "HTTPS_PROXY is set", env: { HTTPS_PROXY: proxy } },
  { when: "it is set in small letters", env: { https_proxy: proxy } },
  { when: "the proxy has no scheme", env: { HTTPS_PROXY: "proxy:3128" } },
  {
    when: "NO_PROXY names others",
    env: { HTTPS_PROXY: proxy, NO_PROXY: "example.org, .corp,10.0.0.0/8,example.com:443" },
  },
])("goes through the proxy when $when", ({ env }) => {
  expect(environmentProxy(server, env)).toBe(proxy);
});

test.each([
  { when: "no variable is set", server, env: {} },
  { when: "only the proxy of http is set", server, env: { HTTP_PROXY: proxy } },
  { when: "NO_PROXY is *", server, env: { HTTPS_PROXY: proxy, NO_PROXY: "*" } },
  { when: "NO_PROXY has the host", server, env: { HTTPS_PROXY: proxy, no_proxy: "a.example.org,API.example.com" } },
  { when: "NO_PROXY has its domain", server, env: { HTTPS_PROXY: proxy, NO_PROXY: "example.com" } },
  { when: "NO_PROXY has its domain with a dot", server, env: { HTTPS_PROXY: proxy, NO_PROXY: ".example.com" } },
  {
    when: "NO_PROXY has the host with its port",
    server,
    env: { HTTPS_PROXY: proxy, NO_PROXY: "api.example.com:6443" },
  },
  { when: "NO_PROXY has its network", server: "https://10.1.2.3", env: { HTTPS_PROXY: proxy, NO_PROXY: "10.0.0.0/8" } },
  { when: "NO_PROXY has its address", server: "https://[fd00::1]", env: { HTTPS_PROXY: proxy, NO_PROXY: "fd00::1" } },
  { when: "it is on this machine", server: "https://127.0.0.1:6443", env: { HTTPS_PROXY: proxy } },
])("goes to the server itself when $when", ({ server, env }) => {
  expect(environmentProxy(server, env)).toBeUndefined();
});

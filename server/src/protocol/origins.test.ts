import { describe, expect, test } from "@jest/globals";
import { isOrigin, isOriginAllowed } from "./origins.ts";

describe("isOrigin", () => {
  test.each([
    "*",
    "https://app.example.com",
    "http://localhost:5173",
    "capacitor://localhost",
    "ionic://localhost",
    "tauri://localhost",
    "chrome-extension://abcdefghijklmnop",
    "file://",
    "null",
  ])("accepts %s", (text) => expect(isOrigin(text)).toBe(true));

  test.each([
    "",
    "app.example.com",
    "https://",
    "https://app.example.com/",
    "https://app.example.com/path",
    "file:///a",
    "https://*.example.com",
  ])("does not accept %j", (text) => expect(isOrigin(text)).toBe(false));
});

describe("isOriginAllowed", () => {
  const allowed = ["https://app.example.com", "capacitor://localhost", "http://dev.example.com:80"];
  const host = "chat.example.com";

  test.each<{ name: string; origin: string | undefined; host?: string; list?: string[]; want: boolean }>([
    { name: "a client without an origin, which is no browser", origin: undefined, want: true },
    { name: "a listed page", origin: "https://app.example.com", want: true },
    {
      name: "a listed page with other letters than ASCII",
      origin: "https://xn--mnchen-3ya.example:8443",
      list: ["https://München.example:8443"],
      want: true,
    },
    { name: "a listed page in upper case", origin: "https://APP.example.com", want: true },
    { name: "a listed page that names its default port", origin: "https://app.example.com:443", want: true },
    { name: "a page whose listed origin names the default port", origin: "http://dev.example.com", want: true },
    { name: "a hybrid app that is listed", origin: "capacitor://localhost", want: true },
    { name: "a native app that names the gateway's own host", origin: "https://chat.example.com", want: true },
    { name: "the same behind a proxy that ends TLS", origin: "http://chat.example.com", want: true },
    {
      name: "the same on a port of its own",
      origin: "http://10.0.2.2:3000",
      host: "10.0.2.2:3000",
      list: [],
      want: true,
    },
    { name: "any page where all are allowed", origin: "https://evil.example", list: ["*"], want: true },
    { name: "another host", origin: "https://evil.example", want: false },
    { name: "another scheme of a listed host", origin: "http://app.example.com", want: false },
    { name: "another port of a listed host", origin: "https://app.example.com:8443", want: false },
    { name: "another port of the own host", origin: "https://chat.example.com:8443", want: false },
    {
      name: "a longer name that begins like the own host",
      origin: "https://chat.example.com.evil.example",
      want: false,
    },
    { name: "a page without a host that is not listed", origin: "null", want: false },
    { name: "a page without a host that is listed", origin: "null", list: ["null"], want: true },
    { name: "another hybrid app", origin: "ionic://localhost", want: false },
    { name: "an origin of nothing where the host is unknown", origin: "https://", host: "", want: false },
  ])("$name: $want", ({ origin, list = allowed, want, host: at = host }) => {
    expect(isOriginAllowed(origin, list, at)).toBe(want);
  });
});

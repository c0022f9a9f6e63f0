import { expect, test } from "@jest/globals";
import { isOrigin, isOriginAllowed } from "./origins.ts";

test.each(["*", "https://app.example.com", "http://localhost:5173", "capacitor://localhost", "https://[::1]:8443"])(
  "%s is an origin",
  (text) => {
    expect(isOrigin(text)).toBe(true);
  },
);

test.each([
  "",
  "app.example.com",
  "https://",
  "https://app.example.com/",
  "https://app.example.com/path",
  "https://user@app.example.com",
  "https://app.example.com?x",
  "https://a b",
  "null",
])('"%s" is none', (text) => {
  expect(isOrigin(text)).toBe(false);
});

test.each<{ origin: string | undefined; allowed: string[]; want: boolean }>([
  { origin: undefined, allowed: [], want: true },
  { origin: "https://a.example", allowed: [], want: false },
  { origin: "https://a.example", allowed: ["https://a.example"], want: true },
  { origin: "https://A.example", allowed: ["https://a.example"], want: false },
  { origin: "https://a.example.evil", allowed: ["https://a.example"], want: false },
  { origin: "null", allowed: ["https://a.example"], want: false },
  { origin: "null", allowed: ["*"], want: true },
])("$origin with $allowed: $want", ({ origin, allowed, want }) => {
  expect(isOriginAllowed(origin, allowed)).toBe(want);
});

import { expect, test } from "@jest/globals";
import { Holdings } from "../memory/holdings.ts";
import { declaration } from "./declaration.ts";

/** Parses the arguments as the script `declare` does. */
function read(pieces: readonly (readonly string[])[]): Map<string, Map<string, string>> {
  const keys = new Map<string, Map<string, string>>();
  for (const piece of pieces) {
    for (let at = 0; at < piece.length;) {
      const [name = "", count = ""] = piece.slice(at, at + 2);
      const fields = keys.get(name) ?? new Map<string, string>();
      keys.set(name, fields);
      for (let index = at + 2; index < at + 2 + Number(count); index += 2)
        fields.set(piece[index] ?? "", piece[index + 1] ?? "");
      at += 2 + Number(count);
    }
  }
  return keys;
}

test("lists every seat and entry, in short pieces", () => {
  const holdings = new Holdings();
  for (let index = 0; index < 3000; index += 1) {
    holdings.seat({ socketId: `e${index}`, userId: `u${index % 700}` });
    holdings.enter({ socketId: `s${index}`, userId: `u${index % 700}`, namespace: "/events", room: "large" });
    if (index % 2 === 0)
      holdings.enter({
        socketId: `s${index}`,
        userId: `u${index % 700}`,
        namespace: "/events",
        room: `small-${index % 50}`,
      });
  }
  const pieces = declaration(holdings);
  expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(2000);
  const keys = read(pieces);
  expect(keys.get(":seats")).toEqual(new Map(holdings.seats().map(({ socketId, userId }) => [socketId, userId])));
  expect(keys.get(":users")?.get("u5")).toBe(String(holdings.seatsOf("u5")));
  expect(keys.get(":room:/events\u0001large")?.size).toBe(3000);
  expect(keys.get(":user:u4")?.get("/events\u0001large")).toBe("5");
  expect(keys.size).toBe(2 + 700 + 26);
});

test("is empty when the node holds nothing", () => {
  expect(declaration(new Holdings())).toEqual([]);
});

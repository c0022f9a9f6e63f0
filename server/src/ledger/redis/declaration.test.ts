import { expect, test } from "@jest/globals";
import { Books } from "../memory/books.ts";
import { declaration } from "./declaration.ts";

/** As scripts/declare.ts reads it. */
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

test("it holds every seat and entry, in pieces that Redis is done with soon", () => {
  const books = new Books();
  for (let index = 0; index < 3000; index += 1) {
    books.seat({ socketId: `e${index}`, userId: `u${index % 700}` });
    books.enter({ socketId: `s${index}`, userId: `u${index % 700}`, namespace: "/events", room: "large" });
    if (index % 2 === 0)
      books.enter({
        socketId: `s${index}`,
        userId: `u${index % 700}`,
        namespace: "/events",
        room: `small-${index % 50}`,
      });
  }
  const pieces = declaration(books);
  expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(2000);
  const keys = read(pieces);
  expect(keys.get(":seats")).toEqual(new Map(books.seats().map(({ socketId, userId }) => [socketId, userId])));
  expect(keys.get(":users")?.get("u5")).toBe(String(books.seatsOf("u5")));
  expect(keys.get(":room:/events\u0001large")?.size).toBe(3000);
  expect(keys.get(":user:u4")?.get("/events\u0001large")).toBe("5");
  expect(keys.size).toBe(2 + 700 + 26);
});

test("empty books are declared without a word", () => {
  expect(declaration(new Books())).toEqual([]);
});

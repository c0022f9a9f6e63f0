// Parses the answers of the scripts in log-scripts.ts. Each function returns undefined for an answer that its script
// never gives.
import type { LogEntry, LogInfo } from "../log-port.ts";
import { isOrigin } from "../offset.ts";
import { isNumber, readMessage } from "./log-entries.ts";

const NUMBER = /^\d{1,16}$/;

export function readInfo(reply: unknown): LogInfo | undefined {
  if (!Array.isArray(reply)) return undefined;
  const place = placeIn(reply.slice(0, 5).map(numberIn));
  const at = numbersIn(listIn(reply[5]));
  const numbers = numbersIn((reply as unknown[]).slice(6));
  if (place === undefined || at === undefined || numbers === undefined) return undefined;
  return { ...place, at, numbers };
}

function placeIn(numbers: readonly (number | undefined)[]): Omit<LogInfo, "at" | "numbers"> | undefined {
  if (numbers.length < 5 || numbers.includes(undefined)) return undefined;
  const [era, previous, boundary, first, last] = numbers as [number, number, number, number, number];
  const isPossible = era > 0 && first > 0 && first <= last + 1;
  return isPossible ? { era, previous, boundary, first, last } : undefined;
}

/** Parses a page of the log: the position of its first entry, then header and text of each entry. */
export function readPage(reply: unknown): readonly LogEntry[] | undefined {
  if (reply === null) return [];
  if (!Array.isArray(reply)) return undefined;
  const [from, ...parts] = reply as unknown[];
  if (!isNumber(from) || from === 0 || parts.length % 2 !== 0) return undefined;
  return Array.from({ length: parts.length / 2 }, (_, index) => ({
    s: from + index,
    message: readMessage(parts[2 * index], parts[2 * index + 1]),
  }));
}

/** Parses the number of the origin's last message in the log. "none": the log does not exist. */
export function readAppended(reply: unknown): number | "none" | undefined {
  if (reply === null) return "none";
  return isNumber(reply) ? reply : undefined;
}

/** Parses a whole number that Redis sends as text. */
export function numberIn(value: unknown): number | undefined {
  if (typeof value !== "string" || !NUMBER.test(value)) return undefined;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : undefined;
}

function listIn(text: unknown): unknown {
  if (typeof text !== "string") return undefined;
  try {
    const list: unknown = JSON.parse(text);
    // Lua's cjson encodes an empty list as an empty object.
    return typeof list === "object" && list !== null && Object.keys(list).length === 0 ? [] : list;
  } catch {
    return undefined;
  }
}

function numbersIn(list: unknown): Map<string, number> | undefined {
  if (!Array.isArray(list) || list.length % 2 !== 0) return undefined;
  const numbers = new Map<string, number>();
  for (let index = 0; index < list.length; index += 2) {
    const [origin, number] = [list[index] as unknown, numberIn(list[index + 1])];
    if (typeof origin === "string" && isOrigin(origin) && number !== undefined) numbers.set(origin, number);
  }
  return numbers;
}

import { expect, test } from "@jest/globals";
import { quantityOf } from "./quantity.ts";

test.each([
  { text: "512Mi", want: 512 * 2 ** 20 },
  { text: "1.5Gi", want: 1.5 * 2 ** 30 },
  { text: "500m", want: 0.5 },
  { text: "2", want: 2 },
  { text: 3, want: 3 },
  { text: "1e3", want: 1000 },
  { text: "1E", want: 1e18 },
  { text: "12E2", want: 1200 },
  { text: "128M", want: 128e6 },
  { text: "", want: undefined },
  { text: "Mi", want: undefined },
  { text: "1Zi", want: undefined },
  { text: "1.2.3", want: undefined },
])("$text is $want", ({ text, want }) => {
  expect(quantityOf(text)).toBe(want);
});

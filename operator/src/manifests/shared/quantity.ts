const factors: Record<string, number> = {
  "": 1,
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** A Kubernetes quantity as a number: "512Mi" → 536870912, "500m" → 0.5. Undefined when the text is not a quantity. */
export function quantityOf(text: string | number): number | undefined {
  if (typeof text === "number") return text;
  const scientific = /^[+-]?[0-9.]+[eE][+-]?[0-9]+$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isNaN(scientific)) return scientific;
  const [, amount, suffix = ""] = /^([+-]?[0-9]*\.?[0-9]*)([a-zA-Z]*)$/.exec(text) ?? [];
  const factor = factors[suffix];
  if (amount === undefined || amount === "" || factor === undefined || Number.isNaN(Number(amount))) return undefined;
  return Number(amount) * factor;
}

import { describe, expect, test } from "@jest/globals";
import { simulate } from "../../test/recovery/model/simulation.ts";
import type { Variant } from "../../test/recovery/model/simulated-node.ts";
import type { Verdict } from "../../test/recovery/model/verdict.ts";

/**
 * Number of random runs of the model. The environment variable MODEL_RUNS sets another number, for example 2000 for a
 * longer search.
 */
const RUNS = Number(process.env["MODEL_RUNS"] ?? 40);

function total(variant: Variant, runs: number): Verdict {
  const sum: Verdict = { missing: 0, doubled: 0, disordered: 0, foreign: 0, recovered: 0, refused: 0, delivered: 0 };
  for (let run = 1; run <= runs; run += 1) {
    const verdict = simulate(run * 7_919 + 13, variant);
    for (const key of Object.keys(sum) as (keyof Verdict)[]) sum[key] += verdict[key];
  }
  return sum;
}

describe("random gateways, clients and faults", () => {
  test("lose, double and disorder nothing when gateways die and start and clients move between rooms", () => {
    const { recovered, refused, ...verdict } = total({}, RUNS);
    expect(verdict).toMatchObject({ missing: 0, doubled: 0, disordered: 0, foreign: 0 });
    expect(refused).toBe(0);
    expect(recovered).toBeGreaterThan(RUNS * 20);
  });

  test("lose, double and disorder nothing when Redis goes away, restarts with less or without data, and links break", () => {
    const { recovered, ...verdict } = total({ redisFaults: true }, RUNS);
    expect(verdict).toMatchObject({ missing: 0, doubled: 0, disordered: 0, foreign: 0 });
    expect(recovered).toBeGreaterThan(RUNS * 20);
  });
});

describe("the same simulation finds a fault when a part is left out", () => {
  test.each<Required<Variant>>([
    { without: "waiting", redisFaults: false },
    { without: "overrides", redisFaults: false },
    { without: "offsets of replays", redisFaults: false },
    { without: "entry offsets", redisFaults: false },
    { without: "eras", redisFaults: true },
    { without: "repair", redisFaults: true },
    { without: "appending again", redisFaults: true },
  ])("without $without", (variant) => {
    const { missing, doubled, disordered, foreign } = total(variant, 30);
    expect(missing + doubled + disordered + foreign).toBeGreaterThan(0);
  });
});

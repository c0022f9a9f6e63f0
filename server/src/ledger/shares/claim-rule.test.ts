import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { fairShares, nextClaim, type Claimant } from "./claim-rule.ts";

const node = (id: string, claim: number, more: Partial<Claimant> = {}): Claimant => ({
  ...{ id, claim, floor: 0, role: "shares" },
  ...more,
});

describe("fair shares", () => {
  test.each([
    {
      name: "divides equally when no node has granted more than its part",
      floors: [0, 0, 0],
      unnamed: 0,
      want: [10, 10, 10],
    },
    {
      name: "gives the rest to the first ids when it cannot be divided",
      floors: [0, 0, 0, 0],
      unnamed: 0,
      want: [8, 8, 7, 7],
    },
    { name: "divides the rest when one node has granted more", floors: [20, 0, 0], unnamed: 0, want: [20, 5, 5] },
    { name: "leaves parts to nodes that do not announce", floors: [0], unnamed: 2, want: [10] },
    { name: "leaves nothing when others have granted everything", floors: [30, 0], unnamed: 0, want: [30, 0] },
  ])("$name", ({ floors, unnamed, want }) => {
    const shares = fairShares(
      30,
      floors.map((floor, index) => ({ id: `n${index}`, floor })),
      unnamed,
    );
    expect([...shares].sort().map(([, share]) => share)).toEqual(want);
  });

  test("adds up to the whole limit, unless more has been granted", () => {
    fc.assert(
      fc.property(fc.nat(100), fc.array(fc.nat(40), { minLength: 1, maxLength: 8 }), (limit, floors) => {
        const shares = fairShares(
          limit,
          floors.map((floor, index) => ({ id: `n${index}`, floor })),
          0,
        );
        const sum = [...shares.values()].reduce((total, share) => total + share, 0);
        const given = floors.reduce((total, floor) => total + floor, 0);
        expect(sum).toBe(Math.max(limit, given));
        for (const [index, floor] of floors.entries()) expect(shares.get(`n${index}`)).toBeGreaterThanOrEqual(floor);
      }),
    );
  });
});

describe("the next claim", () => {
  const own = (claim: number, used = 0, floor = used) => ({ id: "b", claim, used, floor });
  test.each([
    { name: "is the whole limit when the node is alone", own: own(0), others: [], want: 30 },
    {
      name: "is a part of the unclaimed rest, divided among the nodes with too little",
      own: own(0),
      others: [node("a", 0), node("c", 10)],
      want: 10,
    },
    {
      name: "is a part of the unclaimed rest when another node may take it now",
      own: own(0),
      others: [node("a", 0), node("c", 20)],
      want: 5,
    },
    { name: "is nothing when others claim everything", own: own(0), others: [node("a", 15), node("c", 15)], want: 0 },
    { name: "goes down to a fair part when a new node has none", own: own(30), others: [node("a", 0)], want: 15 },
    { name: "stays at what is in use when that is more than fair", own: own(30, 22), others: [node("a", 0)], want: 22 },
    { name: "goes down when claims exceed the limit", own: own(14), others: [node("a", 18, { floor: 18 })], want: 12 },
    {
      name: "leaves what counted nodes use",
      own: own(0),
      others: [node("a", 25, { floor: 25, role: "counted" })],
      want: 5,
    },
    {
      name: "leaves what a leaving node still holds",
      own: own(0),
      others: [node("a", 12, { role: "leaving" })],
      want: 18,
    },
  ])("$name", ({ own, others, want }) => {
    expect(nextClaim({ limit: 30, own, others, unnamed: 0 })).toBe(want);
  });

  test("never exceeds the limit in sum when all nodes move at once from the same view", () => {
    const claims = fc.array(fc.record({ claim: fc.nat(20), used: fc.nat(20) }), { minLength: 1, maxLength: 7 });
    fc.assert(
      fc.property(fc.nat(100), claims, (limit, given) => {
        let nodes = given.map(({ claim, used }, index) => ({ id: `n${index}`, claim, used: Math.min(used, claim) }));
        const sum = () => nodes.reduce((total, { claim }) => total + claim, 0);
        fc.pre(sum() <= limit);
        for (let round = 0; round < 12; round += 1) {
          nodes = nodes.map((one) => {
            const others = nodes
              .filter(({ id }) => id !== one.id)
              .map(({ id, claim, used }) => node(id, claim, { floor: used }));
            return { ...one, claim: nextClaim({ limit, own: { ...one, floor: one.used }, others, unnamed: 0 }) };
          });
          expect(sum()).toBeLessThanOrEqual(limit);
        }
        expect(sum()).toBe(limit);
      }),
    );
  });
});

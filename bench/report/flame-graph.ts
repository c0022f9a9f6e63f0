import type { CpuProfile } from "../rigs/rig.ts";
import { ownerOf, selfMicros } from "./shares.ts";

const WIDTH = 1_200;
const ROW = 17;
const TOP = 64;
/** The graph omits blocks that are narrower than this many pixels, and everything above them. */
const NARROWEST = 0.6;
const COLOURS: Record<string, string> = {
  ours: "#2f7fb8",
  bench: "#9aa5b1",
  node: "#7fb069",
  "node: system calls": "#c0392b",
  "V8: garbage collector": "#b388c9",
  "V8 and libuv: native": "#b388c9",
  "V8: built-in": "#b388c9",
};
const PACKAGES = "#d0743c";

interface Block {
  name: string;
  owner: string;
  micros: number;
  children: Map<string, Block>;
}

/**
 * Draws a CPU profile as an SVG. The width of a block is the time of a function. A block is drawn above its caller. The
 * colour shows which package the code belongs to.
 */
export function flameGraph(profile: CpuProfile, title: string): string {
  const { self, total } = selfMicros(profile);
  const { shapes, deepest } = drawn(blocksOf(profile, self), total);
  const height = TOP + (deepest + 1) * ROW + 8;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="11" fill="#111">`,
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    `<text x="8" y="20" font-size="15" font-weight="bold">${escaped(title)}</text>`,
    ...legend(),
    ...shapes,
    "</svg>",
    "",
  ].join("\n");
}

/** Merges all frames of the same function under the same caller into one block. */
function blocksOf(profile: CpuProfile, self: ReadonlyMap<number, number>): Block {
  const byId = new Map(profile.nodes.map((node) => [node.id, node]));
  const root: Block = { name: "all", owner: "node", micros: 0, children: new Map() };
  const add = (id: number, parent: Block): number => {
    const { callFrame, children = [] } = byId.get(id)!;
    const owner = ownerOf(callFrame);
    const name = callFrame.functionName || "(anonymous)";
    const key = `${name} ${callFrame.url}`;
    const block = parent.children.get(key) ?? { name, owner, micros: 0, children: new Map<string, Block>() };
    parent.children.set(key, block);
    const micros = (self.get(id) ?? 0) + children.reduce((sum, child) => sum + add(child, block), 0);
    block.micros += micros;
    return micros;
  };
  for (const child of profile.nodes[0]!.children ?? []) root.micros += add(child, root);
  return root;
}

function drawn(root: Block, total: number): { shapes: string[]; deepest: number } {
  const shapes: string[] = [];
  let deepest = 0;
  const draw = (block: Block, x: number, depth: number): void => {
    const width = (block.micros / total) * WIDTH;
    if (width < NARROWEST) return;
    deepest = Math.max(deepest, depth);
    shapes.push(shapeOf(block, block.micros / total, { x, y: TOP + depth * ROW, width }));
    let next = x;
    for (const child of [...block.children.values()].sort((a, b) => b.micros - a.micros)) {
      draw(child, next, depth + 1);
      next += (child.micros / total) * WIDTH;
    }
  };
  draw(root, 0, 0);
  return { shapes, deepest };
}

function shapeOf(
  { name, owner }: Block,
  share: number,
  { x, y, width }: { x: number; y: number; width: number },
): string {
  const tooltip = `<title>${escaped(name)} (${escaped(owner)}) ${(share * 100).toFixed(1)} %</title>`;
  const colour = COLOURS[owner] ?? PACKAGES;
  const box = `<rect x="${x.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="${ROW - 1}" fill="${colour}"/>`;
  const characters = Math.floor(width / 6.2) - 1;
  const label = `<text x="${(x + 3).toFixed(1)}" y="${y + 12}">${escaped(name.slice(0, characters))}</text>`;
  return `<g>${tooltip}${box}${characters < 3 ? "" : label}</g>`;
}

function legend(): string[] {
  const entries = Object.entries({
    ours: COLOURS["ours"]!,
    "Socket.IO, ws and other packages": PACKAGES,
    Node: COLOURS["node"]!,
    "system calls": COLOURS["node: system calls"]!,
    V8: COLOURS["V8: built-in"]!,
    "load of the bench": COLOURS["bench"]!,
  });
  return entries.map(([name, colour], index) => {
    const box = `<rect x="${8 + index * 190}" y="34" width="12" height="12" fill="${colour}"/>`;
    return `${box}<text x="${24 + index * 190}" y="44">${escaped(name)}</text>`;
  });
}

const escaped = (content: string): string => content.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

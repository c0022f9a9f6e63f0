// Draws both dashboards as pictures, without Grafana: each panel at its place, with its title, type, unit, queries and
// legend. `make dashboards` runs it. It needs the Chromium that `make deps` installs.
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { startChromium } from "../testkit/chromium.ts";

interface Panel {
  title: string;
  type: string;
  gridPos: { x: number; y: number; w: number; h: number };
  fieldConfig?: { defaults: { unit: string } };
  targets?: { expr: string; legendFormat?: string }[];
}
interface Dashboard {
  title: string;
  panels: Panel[];
}

const root = join(import.meta.dirname, "..");
const folder = join(root, "dist/dashboards");
/** Pixels of one column and of one row of Grafana's grid. */
const [COLUMN, ROW] = [60, 26];

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

function panelHtml({ title, type, gridPos: { x, y, w, h }, fieldConfig, targets = [] }: Panel): string {
  const place = `left:${x * COLUMN}px;top:${y * ROW}px;width:${w * COLUMN - 8}px;height:${h * ROW - 6}px`;
  if (type === "row") return `<h2 style="${place}">${escaped(title)}</h2>`;
  const queries = targets.map(
    ({ expr, legendFormat = "" }) => `<p><code>${escaped(expr)}</code><i>${escaped(legendFormat)}</i></p>`,
  );
  const about = `${type}, ${fieldConfig?.defaults.unit ?? ""}`;
  return `<section style="${place}"><b>${escaped(title)}</b><small>${about}</small>${queries.join("")}</section>`;
}

function pageOf({ title, panels }: Dashboard): string {
  const height = Math.max(...panels.map(({ gridPos: { y, h } }) => y + h)) * ROW;
  const style = `body{font:13px sans-serif;margin:12px;background:#f4f5f5}main{position:relative;height:${height}px}
    section,h2{position:absolute;box-sizing:border-box;overflow:hidden;margin:0}h2{font-size:14px;line-height:24px}
    section{background:#fff;border:1px solid #ccc;padding:6px 8px}b{margin-right:8px}small{color:#777}p{margin:6px 0}
    code{font-size:11px;overflow-wrap:anywhere}i{color:#06c;margin-left:8px}`;
  return `<style>${style}</style><h1>${escaped(title)}</h1><main>${panels.map(panelHtml).join("")}</main>`;
}

function ofClusters(): Dashboard {
  const golden = join(root, "operator/testdata/golden/everything/manifests.yaml");
  const objects = parseAllDocuments(readFileSync(golden, "utf8")).map(
    (one) => one.toJS() as { kind: string; metadata: { name: string }; data?: Record<string, string> },
  );
  const map = objects.find(({ kind, metadata }) => kind === "ConfigMap" && metadata.name.endsWith("-dashboard"));
  return JSON.parse(Object.values(map?.data ?? {})[0] ?? "") as Dashboard;
}

const dashboards: Record<string, Dashboard> = {
  cluster: ofClusters(),
  operator: JSON.parse(
    readFileSync(join(root, "charts/realtime-operator/files/operator-dashboard.json"), "utf8"),
  ) as Dashboard,
};

mkdirSync(folder, { recursive: true });
const browser = await startChromium();
const page = await browser.newPage({ viewport: { width: 24 * COLUMN + 24, height: 800 } });
for (const [name, dashboard] of Object.entries(dashboards)) {
  await page.setContent(pageOf(dashboard));
  const path = join(folder, `${name}.png`);
  await page.screenshot({ path, fullPage: true });
  process.stdout.write(`${path}\n`);
}
await browser.close();

import { stableHash } from "../shared/stable-hash.ts";

export interface Panel {
  title: string;
  /** One query, or several with their names in the legend. */
  queries: readonly { expr: string; legend?: string }[];
  unit: string;
  /** "states" shows 1 and 0 as good and bad, each pod in a row. */
  type?: "states";
}

/** A row of a dashboard answers one question of the person on call. */
export interface Row {
  title: string;
  panels: readonly Panel[];
}

/** A panel with one query. `legend` is needed if the query groups by a label. */
export function onePanel(title: string, unit: string, expr: string, legend?: string): Panel {
  return { title, unit, queries: [{ expr, ...(legend === undefined ? {} : { legend }) }] };
}

/** A panel that shows the states 1 and 0 of each pod in a row. */
export function statesPanel(title: string, expr: string, legend = "{{pod}}"): Panel {
  return { ...onePanel(title, "short", expr, legend), type: "states" };
}

interface DashboardOptions {
  /** The dashboard's uid is the hash of these texts, so links to it stay valid. */
  id: readonly string[];
  title: string;
  rows: readonly Row[];
  /** Variables that the reader can choose, besides the data source. */
  variables?: readonly object[];
}

/** The JSON of a dashboard for Grafana. Its data source is a variable. */
export function grafanaDashboard({ id, title, rows, variables = [] }: DashboardOptions): object {
  return {
    uid: stableHash(id),
    title,
    tags: ["realtime"],
    refresh: "30s",
    time: { from: "now-3h", to: "now" },
    templating: { list: [{ name: "datasource", type: "datasource", query: "prometheus" }, ...variables] },
    panels: panelsOf(rows),
  };
}

const ROW_HEIGHT = 8;

/** Lays out the rows: a heading, then two panels side by side. */
function panelsOf(rows: readonly Row[]): object[] {
  const laid: object[] = [];
  let y = 0;
  for (const { title, panels } of rows) {
    laid.push({ title, type: "row", id: laid.length + 1, gridPos: { x: 0, y: y++, w: 24, h: 1 } });
    panels.forEach((panel, index) => {
      const place = { x: (index % 2) * 12, y: y + Math.floor(index / 2) * ROW_HEIGHT, w: 12, h: ROW_HEIGHT };
      laid.push({ ...panelOf(panel), id: laid.length + 1, gridPos: place });
    });
    y += Math.ceil(panels.length / 2) * ROW_HEIGHT;
  }
  return laid;
}

/** Colours of a state: good and bad, with words. */
const STATE = {
  mappings: [{ type: "value", options: { "0": { text: "no", color: "red" }, "1": { text: "yes", color: "green" } } }],
  min: 0,
  max: 1,
};

function panelOf({ title, queries, unit, type }: Panel): object {
  return {
    title,
    type: type === "states" ? "state-timeline" : "timeseries",
    datasource: { type: "prometheus", uid: "${datasource}" },
    // Counts of nothing are 0, so the axis begins there.
    fieldConfig: { defaults: { unit, min: 0, ...(type === "states" ? STATE : {}) }, overrides: [] },
    targets: queries.map(({ expr, legend }, index) => ({
      expr,
      refId: String.fromCharCode(65 + index),
      ...(legend === undefined ? {} : { legendFormat: legend }),
    })),
  };
}

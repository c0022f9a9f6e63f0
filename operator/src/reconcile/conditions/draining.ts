import { drainOf } from "../facts/summaries.ts";
import { no, yes, type Judge } from "./verdict.ts";

/** Whether gateways are giving up their connections. */
export const draining: Judge = ({ facts }) => {
  const drain = drainOf(facts);
  if (drain === undefined) return no("NoPodDrains", "no gateway is giving up its connections");
  return yes(
    "PodsDrain",
    `${drain.pods} ${drain.pods === 1 ? "gateway moves its" : "gateways move their"} connections elsewhere`,
  );
};

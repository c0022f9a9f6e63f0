import { describe, expect, test } from "@jest/globals";
import { chooseCluster, type Machine } from "./choose-cluster.ts";

const bare: Machine = {
  platform: "linux",
  root: true,
  dockerEngine: false,
  kind: false,
  clients: false,
  go: true,
  labBinaries: false,
  kubeContext: undefined,
};

describe("chooseCluster", () => {
  test.each<{ name: string; wanted: string; machine: Partial<Machine>; want: string | RegExp }>([
    { name: "a machine with only root and Go gets the lab", wanted: "auto", machine: {}, want: "lab" },
    {
      name: "an engine with kind gets kind",
      wanted: "auto",
      machine: { dockerEngine: true, kind: true, clients: true },
      want: "kind",
    },
    {
      name: "kind without kubectl and helm is not enough",
      wanted: "auto",
      machine: { dockerEngine: true, kind: true },
      want: "lab",
    },
    {
      name: "a docker client without an engine is not enough for kind",
      wanted: "auto",
      machine: { kind: true, clients: true },
      want: "lab",
    },
    {
      name: "a context in the kubeconfig is never used without a request",
      wanted: "auto",
      machine: { kubeContext: "prod" },
      want: "lab",
    },
    {
      name: "the current context is used when CLUSTER=current asks for it",
      wanted: "current",
      machine: { clients: true, kubeContext: "mine" },
      want: "current",
    },
    {
      name: "current without a context says where it searched",
      wanted: "current",
      machine: { clients: true },
      want: /KUBECONFIG/,
    },
    {
      name: "current without the programs names the programs, and not the context",
      wanted: "current",
      machine: {},
      want: /^CLUSTER=current needs kubectl and helm in PATH\.$/,
    },
    { name: "the lab without root says that it needs root", wanted: "auto", machine: { root: false }, want: /root/ },
    { name: "the lab without Go says what to install", wanted: "lab", machine: { go: false }, want: /Go >= 1\.26/ },
    {
      name: "the lab with cached binaries needs no Go",
      wanted: "lab",
      machine: { go: false, labBinaries: true },
      want: "lab",
    },
    {
      name: "all missing things are named at once",
      wanted: "lab",
      machine: { platform: "darwin", root: false, go: false },
      want: /darwin.*root.*Go/,
    },
    {
      name: "kind without its programs names all of them",
      wanted: "kind",
      machine: {},
      want: /docker engine.*kind.*kubectl and helm/,
    },
    {
      name: "an unknown value gets the list of the known ones",
      wanted: "minikube",
      machine: {},
      want: /auto, kind, lab or current/,
    },
  ])("$name", ({ wanted, machine, want }) => {
    const choice = chooseCluster(wanted, { ...bare, ...machine });
    if (want instanceof RegExp) expect(choice).toEqual({ problem: expect.stringMatching(want) });
    else expect(choice).toEqual({ cluster: want });
  });
});

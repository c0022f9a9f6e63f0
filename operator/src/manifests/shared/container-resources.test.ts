import { expect, test } from "@jest/globals";
import { containerResources } from "./container-resources.ts";

const defaults = { requests: { cpu: "100m", memory: "192Mi" }, memoryLimit: "512Mi" };

test.each([
  {
    when: "the spec sets nothing",
    given: {},
    want: { requests: { cpu: "100m", memory: "192Mi" }, limits: { memory: "512Mi" } },
  },
  {
    when: "a request is above the default limit",
    given: { requests: { memory: "2Gi" } },
    want: { requests: { memory: "2Gi" }, limits: { memory: "2Gi" } },
  },
  {
    when: "a request is below the default limit",
    given: { requests: { memory: "64Mi" } },
    want: { requests: { memory: "64Mi" }, limits: { memory: "512Mi" } },
  },
  {
    when: "limits are below the default requests",
    given: { limits: { cpu: 0.05, memory: "128Mi" } },
    want: { requests: { cpu: 0.05, memory: "128Mi" }, limits: { cpu: 0.05, memory: "128Mi" } },
  },
  {
    when: "limits name no memory",
    given: { limits: { cpu: "2" } },
    want: { requests: { cpu: "100m", memory: "192Mi" }, limits: { cpu: "2" } },
  },
  {
    when: "the spec sets both",
    given: { requests: {}, limits: { memory: "1Gi" } },
    want: { requests: {}, limits: { memory: "1Gi" } },
  },
])("when $when, no request is above its limit", ({ given, want }) => {
  expect(containerResources(given, defaults)).toEqual(want);
});

import { expect, test } from "@jest/globals";
import { ApiError } from "../kube/errors.ts";
import { isPermanentRefusal } from "./drift/apply-over-drift.ts";

// Texts of a kube-apiserver 1.35.
test.each([
  { when: "a value is invalid", status: 422, message: 'Deployment.apps "chat-server" is invalid', want: true },
  { when: "the request is no request", status: 400, message: "strict decoding error: unknown field", want: true },
  {
    when: "no schema has the field",
    status: 500,
    message:
      "failed to create typed patch object (a/chat-server; apps/v1, Kind=Deployment): .spec.template.spec.foo: field not declared in schema",
    want: true,
  },
  {
    when: "the field is of another type",
    status: 500,
    message:
      "failed to create typed patch object (a/chat-server; apps/v1, Kind=Deployment): .spec.template.spec.nodeSelector: expected map, got &{x}",
    want: true,
  },
  { when: "the server is in trouble", status: 500, message: "etcdserver: request timed out", want: false },
  {
    when: "a quota is used up",
    status: 403,
    message: 'services "chat-server" is forbidden: exceeded quota',
    want: false,
  },
  { when: "somebody was quicker", status: 409, message: "the object has been modified", want: false },
])("a refusal would come again: when $when, $want", ({ status, message, want }) => {
  expect(isPermanentRefusal(new ApiError(message, { status, reason: "" }))).toBe(want);
});

import { expect, test } from "@jest/globals";
import { ApiError } from "../kube/errors.ts";
import { isPermanentRefusal } from "./drift/apply-over-drift.ts";

// Error messages of a kube-apiserver 1.35.
test.each([
  { when: "a value is invalid", status: 422, message: 'Deployment.apps "chat-server" is invalid', want: true },
  { when: "the request is malformed", status: 400, message: "strict decoding error: unknown field", want: true },
  {
    when: "the schema lacks the field",
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
  {
    when: "a quantity is misspelled",
    status: 500,
    message: "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    want: true,
  },
  { when: "etcd timed out", status: 500, message: "etcdserver: request timed out", want: false },
  {
    when: "a quota is exhausted",
    status: 403,
    message: 'services "chat-server" is forbidden: exceeded quota',
    want: false,
  },
  { when: "another writer was first", status: 409, message: "the object has been modified", want: false },
])("is a permanent refusal when $when: $want", ({ status, message, want }) => {
  expect(isPermanentRefusal(new ApiError(message, { status, reason: "" }))).toBe(want);
});

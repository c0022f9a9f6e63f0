import type { KubeObject } from "../../operator/src/api/kube-object.ts";
import { ApiError } from "../../operator/src/kube/errors.ts";
import type { Resource } from "../../operator/src/kube/resource.ts";

/** The errors that a real API server returns, with the same messages. */
const named = (resource: Resource, name: string) =>
  `${resource.plural}${resource.group === "" ? "" : `.${resource.group}`} "${name}"`;

export const refusals = {
  notServed: () =>
    new ApiError("the server could not find the requested resource", { status: 404, reason: "NotFound" }),
  notFound: (resource: Resource, name: string) =>
    new ApiError(`${named(resource, name)} not found`, { status: 404, reason: "NotFound" }),
  noNamespace: (namespace: string) =>
    new ApiError(`namespaces "${namespace}" not found`, { status: 404, reason: "NotFound" }),
  namespaceTerminating: (resource: Resource, { metadata }: KubeObject) =>
    new ApiError(
      `${named(resource, metadata.name)} is forbidden: unable to create new content in namespace ${metadata.namespace} because it is being terminated`,
      {
        status: 403,
        reason: "Forbidden",
        causes: [
          {
            reason: "NamespaceTerminating",
            message: `namespace ${metadata.namespace} is being terminated`,
            field: "metadata.namespace",
          },
        ],
      },
    ),
  alreadyExists: (resource: Resource, name: string) =>
    new ApiError(`${named(resource, name)} already exists`, { status: 409, reason: "AlreadyExists" }),
  modified: (resource: Resource, name: string) =>
    new ApiError(
      `Operation cannot be fulfilled on ${named(resource, name)}: the object has been modified; please apply your changes to the latest version and try again`,
      { status: 409, reason: "Conflict" },
    ),
  otherUid: (resource: Resource, name: string) =>
    new ApiError(
      `Operation cannot be fulfilled on ${named(resource, name)}: Precondition failed: UID in precondition is another`,
      { status: 409, reason: "Conflict" },
    ),
  managedFields: () => new ApiError("metadata.managedFields must be nil", { status: 400, reason: "BadRequest" }),
  // The error for an apply whose uid differs from the stored object's. Any other write with a wrong uid gets a
  // conflict.
  immutableUid: (resource: Resource, name: string) =>
    new ApiError(`${named(resource, name)} is invalid: metadata.uid: Invalid value: field is immutable`, {
      status: 422,
      reason: "Invalid",
      causes: [{ field: "metadata.uid", reason: "FieldValueInvalid", message: "field is immutable" }],
    }),
  unknownField: (field: string) =>
    new ApiError(`strict decoding error: unknown field "${field}"`, { status: 400, reason: "BadRequest" }),
  // Status 500: Kubernetes fails while it merges, before it validates the object, and returns this error unchanged.
  unknownAppliedField: (field: string) =>
    new ApiError(`failed to create typed patch object: .${field}: field not declared in schema`, {
      status: 500,
      reason: "InternalError",
    }),
  expired: () =>
    new ApiError("The resourceVersion for the provided list is too old.", { status: 410, reason: "Expired" }),
} as const;

/** A structural schema of a CustomResourceDefinition. It may have more keys than these. */
export interface JsonSchema {
  type?: string;
  description?: string;
  default?: unknown;
  enum?: readonly unknown[];
  properties?: Record<string, JsonSchema>;
  required?: readonly string[];
  items?: JsonSchema;
  additionalProperties?: JsonSchema;
  [extension: string]: unknown;
}

export interface CustomResourceDefinition {
  apiVersion: string;
  kind: string;
  metadata: { name: string };
  spec: {
    versions: [{ name: string; schema: { openAPIV3Schema: JsonSchema }; [field: string]: unknown }];
    [field: string]: unknown;
  };
}

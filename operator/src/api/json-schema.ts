/** The parts of a CustomResourceDefinition's schema that our code reads. A schema may have other keys as well. */
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

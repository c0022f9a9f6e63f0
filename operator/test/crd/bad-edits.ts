const onlyGrows =
  "spec.redis.managed: Invalid value: spec.redis.managed.storage can only grow: keep its old size or more";
const classStays =
  "spec.redis.managed: Invalid value: spec.redis.managed.storageClassName is immutable: put the old value back, or make a new cluster";
const managed = (fields: object) => ({ redis: { managed: fields } });
const external = { redis: { type: "External", external: { urlSecret: { name: "r" } } } };

/** Edits of a stored cluster that the API server refuses. */
export const badEdits: readonly { when: string; from: object; to: object; want: string }[] = [
  { when: "a volume may grow", from: managed({ storage: "1Gi" }), to: managed({ storage: "1.5Gi" }), want: "accepted" },
  {
    when: "the same size written differently is no change",
    from: managed({ storage: "1Gi" }),
    to: managed({ storage: 1073741824 }),
    want: "accepted",
  },
  {
    when: "a volume may not shrink",
    from: managed({ storage: "10Gi" }),
    to: managed({ storage: "9Gi" }),
    want: onlyGrows,
  },
  {
    when: "a volume may not shrink when its size is omitted",
    from: managed({ storage: "10Gi" }),
    to: managed({}),
    want: onlyGrows,
  },
  {
    when: "a volume may not shrink when the whole block is omitted",
    from: managed({ storage: "10Gi" }),
    to: {},
    want: onlyGrows,
  },
  {
    when: "a volume of the default size may not get a smaller one",
    from: {},
    to: managed({ storage: "500Mi" }),
    want: onlyGrows,
  },
  { when: "omitting a default value is no change", from: managed({ storage: "1Gi" }), to: {}, want: "accepted" },
  {
    when: "the StorageClass may not change",
    from: managed({ storageClassName: "a" }),
    to: managed({ storageClassName: "b" }),
    want: classStays,
  },
  {
    when: "the StorageClass may not be set later",
    from: {},
    to: managed({ storageClassName: "b" }),
    want: classStays,
  },
  {
    when: "the StorageClass may not be omitted later",
    from: managed({ storageClassName: "a" }),
    to: {},
    want: classStays,
  },
  {
    when: "a cluster may change to an external Redis",
    from: managed({ storage: "10Gi", storageClassName: "a" }),
    to: external,
    want: "accepted",
  },
  {
    when: "a cluster may change back to a managed Redis of any size",
    from: external,
    to: managed({ storage: "1Mi", storageClassName: "b" }),
    want: "accepted",
  },
];

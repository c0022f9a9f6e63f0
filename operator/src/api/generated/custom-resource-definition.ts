// Made from crds/realtimeclusters.yaml by "make generate": edit that file instead.
import type { CustomResourceDefinition } from "../json-schema.ts";

export const customResourceDefinition: CustomResourceDefinition = {
 "apiVersion": "apiextensions.k8s.io/v1",
 "kind": "CustomResourceDefinition",
 "metadata": {
  "name": "realtimeclusters.realtime.dev"
 },
 "spec": {
  "group": "realtime.dev",
  "scope": "Namespaced",
  "names": {
   "kind": "RealtimeCluster",
   "listKind": "RealtimeClusterList",
   "plural": "realtimeclusters",
   "singular": "realtimecluster",
   "shortNames": [
    "rtc"
   ],
   "categories": [
    "all",
    "realtime"
   ]
  },
  "versions": [
   {
    "name": "v1beta1",
    "served": true,
    "storage": true,
    "subresources": {
     "status": {},
     "scale": {
      "specReplicasPath": ".spec.replicas",
      "statusReplicasPath": ".status.replicas",
      "labelSelectorPath": ".status.selector"
     }
    },
    "additionalPrinterColumns": [
     {
      "name": "Ready",
      "type": "string",
      "jsonPath": ".status.conditions[?(@.type==\"Ready\")].status"
     },
     {
      "name": "Desired",
      "type": "integer",
      "jsonPath": ".spec.replicas"
     },
     {
      "name": "Pods",
      "type": "integer",
      "jsonPath": ".status.readyReplicas"
     },
     {
      "name": "Connections",
      "type": "integer",
      "jsonPath": ".status.connections.total"
     },
     {
      "name": "URL",
      "type": "string",
      "jsonPath": ".status.url"
     },
     {
      "name": "Age",
      "type": "date",
      "jsonPath": ".metadata.creationTimestamp"
     },
     {
      "name": "Reason",
      "type": "string",
      "priority": 1,
      "jsonPath": ".status.conditions[?(@.type==\"Ready\")].reason"
     },
     {
      "name": "Draining",
      "type": "integer",
      "priority": 1,
      "jsonPath": ".status.drain.connectionsLeft"
     },
     {
      "name": "Up-To-Date",
      "type": "string",
      "priority": 1,
      "jsonPath": ".status.conditions[?(@.type==\"UpToDate\")].status"
     }
    ],
    "schema": {
     "openAPIV3Schema": {
      "type": "object",
      "description": "A fleet of Socket.IO gateways with Redis, ingress, limits and everything around them.",
      "required": [
       "spec"
      ],
      "x-kubernetes-validations": [
       {
        "rule": "size(self.metadata.name) <= 40",
        "message": "metadata.name must be at most 40 characters, so that the names of its objects fit: choose a shorter name"
       },
       {
        "rule": "self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')",
        "message": "metadata.name must begin with a letter and hold only a-z, 0-9 and -, because Services carry it: rename the cluster"
       }
      ],
      "properties": {
       "apiVersion": {
        "type": "string",
        "description": "API version of this object."
       },
       "kind": {
        "type": "string",
        "description": "Kind of this object."
       },
       "metadata": {
        "type": "object"
       },
       "spec": {
        "type": "object",
        "description": "[cluster] What is wanted. Everything has a default but the key that tokens are checked with.",
        "x-kubernetes-validations": [
         {
          "rule": "self.auth.type != \"JWT\" || has(self.auth.jwt)",
          "message": "spec.auth.type JWT needs spec.auth.jwt: name a Secret in spec.auth.jwt.secret, or issuers in spec.auth.jwt.issuers",
          "fieldPath": ".auth"
         },
         {
          "rule": "self.redis.type != \"None\" || self.replicas <= 1",
          "message": "spec.redis.type None keeps all state in one pod: set spec.replicas to 1, or spec.redis.type to Managed or External",
          "fieldPath": ".replicas"
         },
         {
          "rule": "self.redis.type != \"None\" || !has(self.autoscaling)",
          "message": "spec.autoscaling needs Redis: remove it, or set spec.redis.type to Managed or External",
          "fieldPath": ".autoscaling"
         },
         {
          "rule": "self.redis.type != \"None\" || !has(self.redis.managed) && !has(self.redis.external)",
          "message": "spec.redis.type None takes neither spec.redis.managed nor spec.redis.external: remove them",
          "fieldPath": ".redis"
         },
         {
          "rule": "!(\"polling\" in self.transports) || self.exposure.type != \"Ingress\" || !has(self.exposure.ingress) || self.exposure.ingress.controller != \"Contour\"",
          "message": "spec.transports with polling needs session affinity, which Contour cannot give an Ingress: remove polling, or use another spec.exposure.ingress.controller",
          "fieldPath": ".transports"
         }
        ],
        "properties": {
         "replicas": {
          "type": "integer",
          "format": "int32",
          "minimum": 0,
          "maximum": 1000,
          "default": 2,
          "description": "[cluster] Gateway pods. kubectl scale and autoscalers may write it; not used while spec.autoscaling is set."
         },
         "image": {
          "type": "string",
          "maxLength": 512,
          "pattern": "^\\S*$",
          "default": "",
          "description": "[rolling] Image of the gateway. Empty: the release that belongs to the operator; spec.upgrade says when it follows a newer one."
         },
         "upgrade": {
          "type": "string",
          "enum": [
           "Manual",
           "Automatic"
          ],
          "description": "[rolling] What an upgrade of the operator brings to gateways and Redis that run. Manual: nothing; they stay with the images and pod templates they have until this says Automatic. Automatic: those of the operator's release. Absent: as the operator was told (value upgrade of its chart, Manual by default)."
         },
         "imagePullPolicy": {
          "type": "string",
          "enum": [
           "Always",
           "IfNotPresent",
           "Never"
          ],
          "default": "IfNotPresent",
          "description": "[rolling] When the image is pulled."
         },
         "imagePullSecrets": {
          "type": "array",
          "maxItems": 8,
          "description": "[rolling] Secrets of this namespace with which the images of gateway and Redis are pulled.",
          "x-kubernetes-list-type": "map",
          "x-kubernetes-list-map-keys": [
           "name"
          ],
          "items": {
           "type": "object",
           "required": [
            "name"
           ],
           "properties": {
            "name": {
             "type": "string",
             "maxLength": 253,
             "pattern": "^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$",
             "description": "[rolling] Name of the Secret."
            }
           }
          }
         },
         "resources": {
          "type": "object",
          "default": {},
          "description": "[rolling] CPU and memory of a gateway pod. The heap of the process follows the memory limit.",
          "x-kubernetes-validations": [
           {
            "rule": "!has(self.requests) || !has(self.limits) || self.requests.all(name, !(name in self.limits) || quantity(string(self.requests[name])).compareTo(quantity(string(self.limits[name]))) <= 0)",
            "message": "requests must not be above limits: lower the request or raise the limit of that resource"
           }
          ],
          "properties": {
           "requests": {
            "type": "object",
            "maxProperties": 16,
            "description": "[rolling] What the scheduler sets aside, by resource name. Absent: 100m of cpu and 192Mi of memory, or the limits where they are less.",
            "additionalProperties": {
             "anyOf": [
              {
               "type": "integer"
              },
              {
               "type": "string"
              }
             ],
             "x-kubernetes-int-or-string": true,
             "minimum": 0,
             "maxLength": 32,
             "pattern": "^[0-9]+(\\.[0-9]+)?([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?$"
            }
           },
           "limits": {
            "type": "object",
            "maxProperties": 16,
            "description": "[rolling] What the pod may use at most, by resource name. Absent: 512Mi of memory, or the request where that is more, and no limit of cpu.",
            "additionalProperties": {
             "anyOf": [
              {
               "type": "integer"
              },
              {
               "type": "string"
              }
             ],
             "x-kubernetes-int-or-string": true,
             "minimum": 0,
             "maxLength": 32,
             "pattern": "^[0-9]+(\\.[0-9]+)?([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?$"
            }
           }
          }
         },
         "limits": {
          "type": "object",
          "default": {},
          "description": "[live] What clients may use. An edit reaches running pods within seconds and closes no connection.",
          "properties": {
           "maxConnections": {
            "type": "integer",
            "format": "int32",
            "minimum": 1,
            "maximum": 100000000,
            "default": 10000,
            "description": "[live] Connections in the whole cluster. More are refused with GLOBAL_LIMIT_EXCEEDED."
           },
           "maxConnectionsPerUser": {
            "type": "integer",
            "format": "int32",
            "minimum": 1,
            "maximum": 1000000,
            "default": 5,
            "description": "[live] Connections of one user in the whole cluster. More are refused with CONNECTION_LIMIT_EXCEEDED."
           },
           "maxRoomsPerUser": {
            "type": "integer",
            "format": "int32",
            "minimum": 1,
            "maximum": 1000000,
            "default": 50,
            "description": "[live] Rooms one user may be in, in the whole cluster. More are refused with ROOM_LIMIT_EXCEEDED."
           },
           "maxEventsPerMinute": {
            "type": "integer",
            "format": "int32",
            "minimum": 1,
            "maximum": 10000000,
            "default": 100,
            "description": "[live] Events one user may send a minute, in the whole cluster. More are refused with RATE_LIMIT_EXCEEDED."
           },
           "maxMessageBytes": {
            "type": "integer",
            "format": "int32",
            "minimum": 1024,
            "maximum": 104857600,
            "default": 1048576,
            "description": "[live] Bytes of one message. A bigger one is refused with MESSAGE_TOO_LARGE, a much bigger one ends the connection."
           },
           "maxConnectionsPerAddress": {
            "type": "integer",
            "format": "int32",
            "minimum": 1,
            "maximum": 100000000,
            "default": 100,
            "description": "[live] Handshakes of one client address per 15 minutes. More are refused with ADDRESS_LIMIT_EXCEEDED."
           },
           "maxQueuedBytes": {
            "type": "integer",
            "format": "int32",
            "minimum": 16384,
            "maximum": 1073741824,
            "default": 1048576,
            "description": "[live] Bytes that may wait to be sent to one connection. A client that reads more slowly is cut."
           }
          }
         },
         "origins": {
          "type": "array",
          "maxItems": 64,
          "default": [],
          "x-kubernetes-list-type": "set",
          "description": "[live] Origins that may connect besides the exposed host, compared exactly at every handshake: of pages, and of apps such as capacitor://localhost, file:// and \"null\". \"*\" allows all. Clients that send no Origin are let in.",
          "items": {
           "type": "string",
           "minLength": 1,
           "maxLength": 253
          },
          "x-kubernetes-validations": [
           {
            "rule": "self.all(o, o in [\"*\", \"null\", \"file://\"] || o.matches('^[a-z][a-z0-9+.-]*://[^/?#@A-Z*\\\\s]+$'))",
            "message": "spec.origins must hold \"*\" alone or origins such as https://app.example.com, capacitor://localhost, file:// or \"null\": scheme and host in small letters, without wildcards, a path or a slash at the end"
           },
           {
            "rule": "self.all(o, !(o.startsWith(\"https://\") && o.endsWith(\":443\")) && !(o.startsWith(\"http://\") && o.endsWith(\":80\")))",
            "message": "spec.origins must leave out the default ports 443 and 80, as browsers do: remove the port"
           }
          ]
         },
         "transports": {
          "type": "array",
          "minItems": 1,
          "maxItems": 2,
          "default": [
           "websocket"
          ],
          "x-kubernetes-list-type": "set",
          "description": "[rolling] How clients may connect. With polling the load balancer must keep a client on one pod.",
          "items": {
           "type": "string",
           "enum": [
            "websocket",
            "polling"
           ]
          }
         },
         "auth": {
          "type": "object",
          "default": {
           "type": "JWT"
          },
          "description": "[rolling] Who may connect.",
          "x-kubernetes-validations": [
           {
            "rule": "self.type == \"JWT\" || !has(self.jwt)",
            "message": "spec.auth.jwt belongs to spec.auth.type JWT: remove it, or set the type to JWT",
            "fieldPath": ".jwt"
           }
          ],
          "properties": {
           "type": {
            "type": "string",
            "enum": [
             "JWT",
             "None"
            ],
            "default": "JWT",
            "description": "[rolling] JWT: tokens are checked. None: everybody is let in, which the condition ConfigurationWarning says."
           },
           "jwt": {
            "type": "object",
            "description": "[rolling] How tokens are checked.",
            "x-kubernetes-validations": [
             {
              "rule": "has(self.secret) != (has(self.issuers) && size(self.issuers) > 0)",
              "message": "spec.auth.jwt needs exactly one of secret (HS256) and issuers (public keys): keep one of them"
             }
            ],
            "properties": {
             "secret": {
              "type": "object",
              "required": [
               "name"
              ],
              "description": "[rolling] Secret with the HS256 key, in this namespace. A changed Secret replaces the pods one after another.",
              "properties": {
               "name": {
                "type": "string",
                "maxLength": 253,
                "pattern": "^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$",
                "description": "[rolling] Name of the Secret."
               },
               "key": {
                "type": "string",
                "maxLength": 253,
                "pattern": "^[-._a-zA-Z0-9]+$",
                "default": "secret",
                "description": "[rolling] Key in the Secret; its value has at least 32 bytes. Several keys on lines of their own are all valid, which is how one is rotated."
               }
              }
             },
             "issuers": {
              "type": "array",
              "maxItems": 8,
              "x-kubernetes-list-type": "map",
              "x-kubernetes-list-map-keys": [
               "issuer"
              ],
              "description": "[rolling] Issuers whose signed tokens are let in.",
              "items": {
               "type": "object",
               "required": [
                "issuer",
                "jwksURL"
               ],
               "x-kubernetes-validations": [
                {
                 "rule": "has(self.audience) || has(self.clientId)",
                 "message": "spec.auth.jwt.issuers needs an audience or a clientId in each entry: without them any token of the issuer would be let in"
                }
               ],
               "properties": {
                "issuer": {
                 "type": "string",
                 "minLength": 1,
                 "maxLength": 512,
                 "description": "[rolling] The token's iss. A slash at its end makes no difference."
                },
                "audience": {
                 "type": "string",
                 "minLength": 1,
                 "maxLength": 512,
                 "description": "[rolling] What the token's aud must be, or hold."
                },
                "clientId": {
                 "type": "string",
                 "minLength": 1,
                 "maxLength": 512,
                 "description": "[rolling] What the token's azp, client_id, cid or appid must be, for providers whose tokens have no aud. docs/tokens.md has each provider's."
                },
                "roomsClaim": {
                 "type": "string",
                 "minLength": 1,
                 "maxLength": 256,
                 "description": "[rolling] The claim that lists the rooms: its name, or a path with dots. Absent: rooms."
                },
                "jwksURL": {
                 "type": "string",
                 "maxLength": 512,
                 "pattern": "^https?://[^\\s/?#]+([/?]\\S*)?$",
                 "description": "[rolling] Where the issuer's public keys are."
                }
               }
              }
             }
            }
           },
           "rooms": {
            "type": "string",
            "enum": [
             "Claims",
             "Open"
            ],
            "default": "Claims",
            "description": "[live] Claims: a token lists the rooms it may enter, with * patterns. Open: any user who is let in may enter any room."
           }
          }
         },
         "redis": {
          "type": "object",
          "default": {
           "type": "Managed"
          },
          "description": "[rolling] What joins the pods to one cluster.",
          "x-kubernetes-validations": [
           {
            "rule": "self.type != \"External\" || has(self.external)",
            "message": "spec.redis.type External needs spec.redis.external.urlSecret: name the Secret that holds the URL",
            "fieldPath": ".external"
           },
           {
            "rule": "self.type == \"External\" || !has(self.external)",
            "message": "spec.redis.external belongs to spec.redis.type External: remove it, or set the type to External",
            "fieldPath": ".external"
           },
           {
            "rule": "self.type != \"External\" || !has(self.managed)",
            "message": "spec.redis.managed belongs to spec.redis.type Managed: remove it, or set the type to Managed",
            "fieldPath": ".managed"
           },
           {
            "rule": "self.type != \"Managed\" || oldSelf.type != \"Managed\" || quantity(has(self.managed) ? string(self.managed.storage) : \"1Gi\").compareTo(quantity(has(oldSelf.managed) ? string(oldSelf.managed.storage) : \"1Gi\")) >= 0",
            "message": "spec.redis.managed.storage can only grow: keep its old size or more",
            "fieldPath": ".managed"
           },
           {
            "rule": "self.type != \"Managed\" || oldSelf.type != \"Managed\" || (has(self.managed) && has(self.managed.storageClassName) ? self.managed.storageClassName : \"\") == (has(oldSelf.managed) && has(oldSelf.managed.storageClassName) ? oldSelf.managed.storageClassName : \"\")",
            "message": "spec.redis.managed.storageClassName is immutable: put the old value back, or make a new cluster",
            "fieldPath": ".managed"
           }
          ],
          "properties": {
           "type": {
            "type": "string",
            "enum": [
             "Managed",
             "External",
             "None"
            ],
            "default": "Managed",
            "description": "[rolling] Managed: the operator runs Redis. External: yours. None: one pod, state in its memory."
           },
           "managed": {
            "type": "object",
            "description": "[rolling] The Redis the operator runs.",
            "x-kubernetes-validations": [
             {
              "rule": "quantity(string(self.storage)).isGreaterThan(quantity(\"0\"))",
              "message": "spec.redis.managed.storage must be more than nothing: give a size such as 1Gi",
              "fieldPath": ".storage"
             }
            ],
            "properties": {
             "replicas": {
              "type": "integer",
              "format": "int32",
              "minimum": 1,
              "maximum": 2,
              "default": 1,
              "description": "[rolling] Independent Redis instances. With 2 the bus goes on when one of them is away; limits live in the first."
             },
             "storage": {
              "anyOf": [
               {
                "type": "integer"
               },
               {
                "type": "string"
               }
              ],
              "x-kubernetes-int-or-string": true,
              "maxLength": 32,
              "pattern": "^[0-9]+(\\.[0-9]+)?([KMGTPE]i|[kMGTPE])?$",
              "default": "1Gi",
              "description": "[cluster] Size of each volume. It can only grow, and only where the StorageClass allows it."
             },
             "storageClassName": {
              "type": "string",
              "maxLength": 253,
              "pattern": "^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$",
              "description": "[immutable] StorageClass of the volume. Absent: the default of the Kubernetes cluster."
             },
             "image": {
              "type": "string",
              "maxLength": 512,
              "pattern": "^\\S*$",
              "default": "",
              "description": "[rolling] Image with redis-server and redis-cli. Empty: the one the operator was installed with."
             },
             "dataPolicy": {
              "type": "string",
              "enum": [
               "Retain",
               "Delete"
              ],
              "default": "Delete",
              "description": "[cluster] What becomes of the volumes when the cluster is deleted, or gives its Redis up for another type."
             },
             "resources": {
              "type": "object",
              "default": {},
              "description": "[rolling] CPU and memory of Redis.",
              "x-kubernetes-validations": [
               {
                "rule": "!has(self.requests) || !has(self.limits) || self.requests.all(name, !(name in self.limits) || quantity(string(self.requests[name])).compareTo(quantity(string(self.limits[name]))) <= 0)",
                "message": "requests must not be above limits: lower the request or raise the limit of that resource"
               }
              ],
              "properties": {
               "requests": {
                "type": "object",
                "maxProperties": 16,
                "description": "[rolling] What the scheduler sets aside, by resource name. Absent: 50m of cpu and 64Mi of memory, or the limits where they are less.",
                "additionalProperties": {
                 "anyOf": [
                  {
                   "type": "integer"
                  },
                  {
                   "type": "string"
                  }
                 ],
                 "x-kubernetes-int-or-string": true,
                 "minimum": 0,
                 "maxLength": 32,
                 "pattern": "^[0-9]+(\\.[0-9]+)?([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?$"
                }
               },
               "limits": {
                "type": "object",
                "maxProperties": 16,
                "description": "[rolling] What Redis may use at most, by resource name. Absent: 256Mi of memory, or the request where that is more. Its maxmemory is three quarters of it.",
                "additionalProperties": {
                 "anyOf": [
                  {
                   "type": "integer"
                  },
                  {
                   "type": "string"
                  }
                 ],
                 "x-kubernetes-int-or-string": true,
                 "minimum": 0,
                 "maxLength": 32,
                 "pattern": "^[0-9]+(\\.[0-9]+)?([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?$"
                }
               }
              }
             },
             "podPatch": {
              "type": "object",
              "x-kubernetes-preserve-unknown-fields": true,
              "description": "[rolling] Strategic merge patch for the pod template of Redis, for example tolerations, a node selector or a priority class. Works like spec.podPatch; the container is named redis."
             }
            }
           },
           "external": {
            "type": "object",
            "required": [
             "urlSecret"
            ],
            "description": "[rolling] Your own Redis.",
            "properties": {
             "urlSecret": {
              "type": "object",
              "required": [
               "name"
              ],
              "description": "[rolling] Secret with the URL, in this namespace. A changed Secret replaces the pods one after another.",
              "properties": {
               "name": {
                "type": "string",
                "maxLength": 253,
                "pattern": "^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$",
                "description": "[rolling] Name of the Secret."
               },
               "key": {
                "type": "string",
                "maxLength": 253,
                "pattern": "^[-._a-zA-Z0-9]+$",
                "default": "url",
                "description": "[rolling] Key in the Secret; its value is a redis:// or rediss:// URL or one of the Sentinel and Cluster forms."
               }
              }
             },
             "tls": {
              "type": "object",
              "minProperties": 1,
              "description": "[rolling] Certificates for a URL that begins with rediss. Renewed ones in the same Secrets are used from the next connection to Redis on; nothing restarts.",
              "properties": {
               "caSecret": {
                "type": "object",
                "required": [
                 "name"
                ],
                "description": "[rolling] Secret with the certificates of the authorities that sign Redis' certificates, in this namespace. Absent: the public authorities.",
                "properties": {
                 "name": {
                  "type": "string",
                  "maxLength": 253,
                  "pattern": "^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$",
                  "description": "[rolling] Name of the Secret."
                 },
                 "key": {
                  "type": "string",
                  "maxLength": 253,
                  "pattern": "^[-._a-zA-Z0-9]+$",
                  "default": "ca.crt",
                  "description": "[rolling] Key in the Secret; its value is in PEM form."
                 }
                }
               },
               "clientSecret": {
                "type": "object",
                "required": [
                 "name"
                ],
                "description": "[rolling] Secret of type kubernetes.io/tls with the client certificate (tls.crt and tls.key), in this namespace, for a Redis that asks for one.",
                "properties": {
                 "name": {
                  "type": "string",
                  "maxLength": 253,
                  "pattern": "^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$",
                  "description": "[rolling] Name of the Secret."
                 }
                }
               }
              }
             }
            }
           }
          }
         },
         "exposure": {
          "type": "object",
          "default": {
           "type": "None"
          },
          "description": "[cluster] How clients reach the gateways from outside.",
          "x-kubernetes-validations": [
           {
            "rule": "self.type == \"None\" || has(self.host)",
            "message": "spec.exposure.host is needed to expose the cluster: name the host clients use, or set spec.exposure.type to None",
            "fieldPath": ".host"
           },
           {
            "rule": "self.type != \"Gateway\" || has(self.gateway)",
            "message": "spec.exposure.type Gateway needs spec.exposure.gateway.parentRefs: name the Gateway the route belongs to",
            "fieldPath": ".gateway"
           },
           {
            "rule": "self.type == \"Ingress\" || !has(self.ingress)",
            "message": "spec.exposure.ingress belongs to spec.exposure.type Ingress: remove it, or set the type to Ingress",
            "fieldPath": ".ingress"
           },
           {
            "rule": "self.type == \"Gateway\" || !has(self.gateway)",
            "message": "spec.exposure.gateway belongs to spec.exposure.type Gateway: remove it, or set the type to Gateway",
            "fieldPath": ".gateway"
           },
           {
            "rule": "self.type == \"Ingress\" || !has(self.tls)",
            "message": "spec.exposure.tls belongs to spec.exposure.type Ingress; a Gateway has its certificates in its own listeners: remove it",
            "fieldPath": ".tls"
           },
           {
            "rule": "self.type != \"None\" || !has(self.host)",
            "message": "spec.exposure.host belongs to spec.exposure.type Ingress or Gateway: remove it, or set the type to one of them",
            "fieldPath": ".host"
           },
           {
            "rule": "!has(self.host) || !isIP(self.host)",
            "message": "spec.exposure.host must be a name, not an address: routes go by name",
            "fieldPath": ".host"
           }
          ],
          "properties": {
           "type": {
            "type": "string",
            "enum": [
             "None",
             "Ingress",
             "Gateway"
            ],
            "default": "None",
            "description": "[rolling] None: a Service only. Ingress or Gateway: a route to it. Pods are replaced when it begins or ends, because spec.trustedProxies follows it; a list there keeps them."
           },
           "host": {
            "type": "string",
            "minLength": 1,
            "maxLength": 253,
            "pattern": "^([a-z0-9]([-a-z0-9]*[a-z0-9])?)(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$",
            "description": "[cluster] Host name clients use."
           },
           "tls": {
            "type": "object",
            "required": [
             "secretName"
            ],
            "description": "[cluster] TLS at the ingress. Absent: plain HTTP.",
            "properties": {
             "secretName": {
              "type": "string",
              "maxLength": 253,
              "pattern": "^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$",
              "description": "[cluster] Secret with the certificate; cert-manager may fill it."
             }
            }
           },
           "ingress": {
            "type": "object",
            "description": "[cluster] The Ingress.",
            "x-kubernetes-validations": [
             {
              "rule": "!has(self.className) || !has(self.annotations) || !(\"kubernetes.io/ingress.class\" in self.annotations)",
              "message": "spec.exposure.ingress names its class twice: remove className or the annotation kubernetes.io/ingress.class",
              "fieldPath": ".className"
             }
            ],
            "properties": {
             "className": {
              "type": "string",
              "maxLength": 253,
              "pattern": "^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$",
              "description": "[cluster] IngressClass. Absent: the default of the Kubernetes cluster."
             },
             "controller": {
              "type": "string",
              "enum": [
               "Generic",
               "Traefik",
               "HAProxy",
               "HAProxyIngress",
               "F5Nginx",
               "IngressNginx",
               "ALB",
               "GKE",
               "Contour"
              ],
              "default": "Generic",
              "description": "[rolling] Which controller serves that class: its annotations for affinity and timeouts are rendered. Generic: none. Pods are replaced only when it becomes or stops being GKE, because spec.trustedProxies follows it; a list there keeps them."
             },
             "annotations": {
              "type": "object",
              "maxProperties": 64,
              "description": "[cluster] More annotations of the Ingress; they win over rendered ones.",
              "x-kubernetes-validations": [
               {
                "rule": "self.all(key, key.matches('^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$'))",
                "message": "the keys of annotations must be names with or without a prefix, such as example.com/name"
               }
              ],
              "additionalProperties": {
               "type": "string",
               "maxLength": 4096
              }
             },
             "serviceAnnotations": {
              "type": "object",
              "maxProperties": 64,
              "description": "[cluster] More annotations of the Service; some controllers read theirs there. They win over rendered ones.",
              "x-kubernetes-validations": [
               {
                "rule": "self.all(key, key.matches('^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$'))",
                "message": "the keys of annotations must be names with or without a prefix, such as example.com/name"
               }
              ],
              "additionalProperties": {
               "type": "string",
               "maxLength": 4096
              }
             }
            }
           },
           "gateway": {
            "type": "object",
            "required": [
             "parentRefs"
            ],
            "description": "[cluster] The HTTPRoute.",
            "properties": {
             "parentRefs": {
              "type": "array",
              "minItems": 1,
              "maxItems": 8,
              "x-kubernetes-list-type": "atomic",
              "description": "[cluster] Gateways the route is attached to.",
              "items": {
               "type": "object",
               "required": [
                "name"
               ],
               "properties": {
                "name": {
                 "type": "string",
                 "maxLength": 253,
                 "pattern": "^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$",
                 "description": "[cluster] Name of the Gateway."
                },
                "namespace": {
                 "type": "string",
                 "maxLength": 63,
                 "pattern": "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
                 "description": "[cluster] Its namespace. Absent: this one."
                },
                "sectionName": {
                 "type": "string",
                 "maxLength": 253,
                 "pattern": "^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$",
                 "description": "[cluster] One listener of it. Absent: all that fit."
                },
                "port": {
                 "type": "integer",
                 "format": "int32",
                 "minimum": 1,
                 "maximum": 65535,
                 "description": "[cluster] Listeners on this port only."
                }
               }
              }
             }
            }
           }
          }
         },
         "trustedProxies": {
          "type": "array",
          "maxItems": 32,
          "default": [],
          "x-kubernetes-list-type": "set",
          "description": "[rolling] Proxies whose X-Forwarded-For is trusted: networks in CIDR notation, their names private, gke and cloudflare, and +N for N more proxies before these. One number alone is that many proxies. Empty: private networks when the cluster is exposed, with those of Google for controller GKE; none otherwise.",
          "items": {
           "type": "string",
           "maxLength": 43
          },
          "x-kubernetes-validations": [
           {
            "rule": "self.all(p, isCIDR(p) || p in [\"private\", \"gke\", \"cloudflare\"] || p.matches('^([0-9]|1[0-6]|\\\\+[1-9]|\\\\+1[0-6])$'))",
            "message": "spec.trustedProxies must hold networks such as 10.0.0.0/8 (one address is 192.0.2.1/32), the names private, gke or cloudflare, +N for 1 to 16 more proxies, or one number from 0 to 16"
           },
           {
            "rule": "self.size() == 1 || self.all(p, !p.matches('^[0-9]+$'))",
            "message": "spec.trustedProxies with a number takes no other entry: remove the others, or write +N for N more proxies before the listed ones"
           },
           {
            "rule": "self.size() == 0 || self.exists(p, !p.startsWith(\"+\")) && self.filter(p, p.startsWith(\"+\")).size() < 2",
            "message": "spec.trustedProxies takes one +N, and only together with a network or a name: add the network of the nearest proxy, such as private"
           }
          ]
         },
         "drain": {
          "type": "object",
          "default": {},
          "description": "[live] How connections leave a pod that stops.",
          "properties": {
           "connectionsPerSecond": {
            "type": "integer",
            "format": "int32",
            "minimum": 1,
            "maximum": 100000,
            "default": 100,
            "description": "[live] Connections moved a second in the whole cluster, shared by all draining pods."
           },
           "timeoutSeconds": {
            "type": "integer",
            "format": "int32",
            "minimum": 1,
            "maximum": 86400,
            "default": 300,
            "description": "[rolling] Time a pod has to move its connections. Its grace period is 30 s more."
           }
          }
         },
         "autoscaling": {
          "type": "object",
          "required": [
           "maxReplicas"
          ],
          "description": "[cluster] Pods follow the number of connections. Absent: spec.replicas counts.",
          "x-kubernetes-validations": [
           {
            "rule": "self.minReplicas <= self.maxReplicas",
            "message": "spec.autoscaling.minReplicas must not be greater than spec.autoscaling.maxReplicas: raise the maximum or lower the minimum",
            "fieldPath": ".minReplicas"
           },
           {
            "rule": "self.type != \"KEDA\" || has(self.prometheusAddress)",
            "message": "spec.autoscaling.type KEDA needs spec.autoscaling.prometheusAddress: the address of the Prometheus that scrapes the gateways",
            "fieldPath": ".prometheusAddress"
           },
           {
            "rule": "self.type == \"KEDA\" || !has(self.keda)",
            "message": "spec.autoscaling.keda belongs to spec.autoscaling.type KEDA: remove it, or set the type to KEDA",
            "fieldPath": ".keda"
           },
           {
            "rule": "!has(self.keda) || !has(self.keda.authModes) || has(self.keda.authenticationRef)",
            "message": "spec.autoscaling.keda.authModes needs spec.autoscaling.keda.authenticationRef: name the TriggerAuthentication with the credentials",
            "fieldPath": ".keda"
           }
          ],
          "properties": {
           "type": {
            "type": "string",
            "enum": [
             "HPA",
             "KEDA"
            ],
            "default": "HPA",
            "description": "[cluster] HPA: a HorizontalPodAutoscaler on the custom metric realtime_connections of pods. KEDA: a ScaledObject that asks Prometheus."
           },
           "minReplicas": {
            "type": "integer",
            "format": "int32",
            "minimum": 1,
            "maximum": 1000,
            "default": 2,
            "description": "[cluster] Fewest pods."
           },
           "maxReplicas": {
            "type": "integer",
            "format": "int32",
            "minimum": 1,
            "maximum": 1000,
            "description": "[cluster] Most pods."
           },
           "connectionsPerPod": {
            "type": "integer",
            "format": "int32",
            "minimum": 1,
            "maximum": 1000000,
            "default": 5000,
            "description": "[cluster] Connections of a pod at which another one is added."
           },
           "prometheusAddress": {
            "type": "string",
            "maxLength": 512,
            "pattern": "^https?://[^\\s/?#]+(/\\S*)?$",
            "description": "[cluster] Prometheus for KEDA, for example http://prometheus.monitoring:9090."
           },
           "keda": {
            "type": "object",
            "description": "[cluster] How KEDA authenticates to Prometheus, and other settings of its Prometheus trigger.",
            "properties": {
             "authenticationRef": {
              "type": "object",
              "required": [
               "name"
              ],
              "description": "[cluster] The TriggerAuthentication with the credentials and, under its key ca, the CA of Prometheus.",
              "properties": {
               "name": {
                "type": "string",
                "maxLength": 253,
                "pattern": "^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$",
                "description": "[cluster] Its name."
               },
               "kind": {
                "type": "string",
                "enum": [
                 "TriggerAuthentication",
                 "ClusterTriggerAuthentication"
                ],
                "default": "TriggerAuthentication",
                "description": "[cluster] Its kind. A TriggerAuthentication is in this namespace."
               }
              }
             },
             "authModes": {
              "type": "array",
              "minItems": 1,
              "maxItems": 4,
              "x-kubernetes-list-type": "set",
              "description": "[cluster] How the credentials are sent. Absent: as the TriggerAuthentication says, for example by pod identity.",
              "items": {
               "type": "string",
               "enum": [
                "bearer",
                "basic",
                "tls",
                "custom"
               ]
              }
             },
             "customHeaders": {
              "type": "object",
              "maxProperties": 16,
              "description": "[cluster] Headers of the query, for example X-Scope-OrgID for a tenant of Mimir. For credentials use authenticationRef.",
              "x-kubernetes-validations": [
               {
                "rule": "self.all(key, key.matches('^[A-Za-z0-9-]+$'))",
                "message": "the keys of spec.autoscaling.keda.customHeaders must be header names: letters, digits and -"
               }
              ],
              "additionalProperties": {
               "type": "string",
               "maxLength": 1024,
               "pattern": "^[^,=\\s]+$"
              }
             },
             "metadata": {
              "type": "object",
              "maxProperties": 16,
              "description": "[cluster] Other parameters of KEDA's Prometheus trigger, for example namespace for Thanos, awsRegion or unsafeSsl.",
              "x-kubernetes-validations": [
               {
                "rule": "self.all(key, !(key in ['serverAddress', 'query', 'threshold', 'ignoreNullValues', 'authModes', 'customHeaders']))",
                "message": "spec.autoscaling.keda.metadata must leave out serverAddress, query, threshold, ignoreNullValues, authModes and customHeaders: other fields set them"
               }
              ],
              "additionalProperties": {
               "type": "string",
               "maxLength": 1024
              }
             }
            }
           }
          }
         },
         "monitoring": {
          "type": "object",
          "default": {},
          "description": "[cluster] Objects for Prometheus and Grafana. Their CRDs may come later.",
          "properties": {
           "serviceMonitor": {
            "type": "object",
            "default": {},
            "description": "[cluster] Have prometheus-operator scrape the gateways.",
            "properties": {
             "enabled": {
              "type": "boolean",
              "default": false,
              "description": "[cluster] Whether there is one."
             },
             "labels": {
              "type": "object",
              "maxProperties": 32,
              "description": "[cluster] Labels by which your Prometheus selects monitors and rules.",
              "x-kubernetes-validations": [
               {
                "rule": "self.all(key, key.matches('^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$'))",
                "message": "the keys of labels must be names with or without a prefix, such as example.com/name"
               }
              ],
              "additionalProperties": {
               "type": "string",
               "maxLength": 63,
               "pattern": "^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$"
              }
             },
             "interval": {
              "type": "string",
              "maxLength": 16,
              "pattern": "^([0-9]+(ms|s|m|h))+$",
              "default": "30s",
              "description": "[cluster] Time between scrapes."
             }
            }
           },
           "prometheusRule": {
            "type": "object",
            "default": {},
            "description": "[cluster] Alerts. They select series by the labels namespace and service, as the ServiceMonitor sets them; a scrape of your own must set them too. A cluster with spec.replicas 0 has no alert about missing gateways.",
            "properties": {
             "enabled": {
              "type": "boolean",
              "default": false,
              "description": "[cluster] Whether there are."
             }
            }
           },
           "dashboard": {
            "type": "object",
            "default": {},
            "description": "[cluster] A Grafana dashboard in a ConfigMap with the label grafana_dashboard.",
            "properties": {
             "enabled": {
              "type": "boolean",
              "default": false,
              "description": "[cluster] Whether there is one."
             }
            }
           }
          }
         },
         "networkPolicy": {
          "type": "object",
          "default": {},
          "description": "[cluster] Who may speak to whom inside of Kubernetes.",
          "properties": {
           "enabled": {
            "type": "boolean",
            "default": true,
            "description": "[cluster] Only gateways reach Redis; only scrapers, publishers and the operator reach the private port of gateways."
           },
           "privateFrom": {
            "type": "array",
            "maxItems": 16,
            "x-kubernetes-list-type": "atomic",
            "description": "[cluster] NetworkPolicy peers that may reach the private port (metrics, publishing). Absent: every pod of the Kubernetes cluster; the API asks for its token all the same.",
            "items": {
             "type": "object",
             "x-kubernetes-preserve-unknown-fields": true
            }
           }
          }
         },
         "labels": {
          "type": "object",
          "maxProperties": 32,
          "description": "[rolling] Labels of every object the operator makes for this cluster, pods and volume claims included, for example labels that an admission policy requires.",
          "x-kubernetes-validations": [
           {
            "rule": "self.all(key, key.matches('^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$'))",
            "message": "the keys of labels must be names with or without a prefix, such as example.com/name"
           },
           {
            "rule": "self.all(key, !(key in ['app.kubernetes.io/name', 'app.kubernetes.io/instance', 'app.kubernetes.io/component', 'app.kubernetes.io/managed-by', 'app.kubernetes.io/part-of']) && !key.startsWith('realtime.dev/'))",
            "message": "spec.labels must leave out the labels the operator sets: app.kubernetes.io/name, instance, component, managed-by and part-of, and realtime.dev/ keys"
           }
          ],
          "additionalProperties": {
           "type": "string",
           "maxLength": 63,
           "pattern": "^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$"
          }
         },
         "annotations": {
          "type": "object",
          "maxProperties": 32,
          "description": "[rolling] Annotations of every object the operator makes for this cluster, pods and volume claims included. More specific annotations, such as those of spec.exposure.ingress, win over them.",
          "x-kubernetes-validations": [
           {
            "rule": "self.all(key, key.matches('^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$'))",
            "message": "the keys of annotations must be names with or without a prefix, such as example.com/name"
           },
           {
            "rule": "self.all(key, !key.startsWith('realtime.dev/') && !key.startsWith('deployment.kubernetes.io/') && key != 'controller.kubernetes.io/pod-deletion-cost')",
            "message": "spec.annotations must leave out the annotations that controllers set: realtime.dev/ and deployment.kubernetes.io/ keys and controller.kubernetes.io/pod-deletion-cost"
           }
          ],
          "additionalProperties": {
           "type": "string",
           "maxLength": 4096
          }
         },
         "podPatch": {
          "type": "object",
          "x-kubernetes-preserve-unknown-fields": true,
          "description": "[rolling] Strategic merge patch for the pod template of gateways: metadata and spec as in a Pod. Its content is checked only when the Deployment is written."
         },
         "paused": {
          "type": "boolean",
          "default": false,
          "description": "[cluster] The operator looks and reports, and changes nothing."
         }
        }
       },
       "status": {
        "type": "object",
        "description": "What is.",
        "default": {
         "observedGeneration": -1
        },
        "properties": {
         "observedGeneration": {
          "type": "integer",
          "format": "int64",
          "description": "Generation of the spec this status speaks of; -1 before the first look."
         },
         "replicas": {
          "type": "integer",
          "format": "int32",
          "description": "Gateway pods there are, terminating ones not counted."
         },
         "readyReplicas": {
          "type": "integer",
          "format": "int32",
          "description": "Gateway pods that take new connections."
         },
         "selector": {
          "type": "string",
          "description": "Label selector of the gateway pods, for autoscalers."
         },
         "url": {
          "type": "string",
          "description": "Address for clients."
         },
         "connections": {
          "type": "object",
          "description": "Client connections, rounded to two digits.",
          "properties": {
           "total": {
            "type": "integer",
            "format": "int64",
            "description": "In the whole cluster."
           },
           "mostLoadedPod": {
            "type": "string",
            "description": "Pod with the most."
           },
           "leastLoadedPod": {
            "type": "string",
            "description": "Pod with the fewest."
           }
          }
         },
         "drain": {
          "type": "object",
          "description": "Pods that are giving up their connections. Absent when none is.",
          "properties": {
           "pods": {
            "type": "integer",
            "format": "int32",
            "description": "Pods that drain."
           },
           "connectionsLeft": {
            "type": "integer",
            "format": "int64",
            "description": "Connections they still have, rounded."
           },
           "secondsLeft": {
            "type": "integer",
            "format": "int64",
            "description": "Seconds until they are empty at the rate of spec.drain.connectionsPerSecond, rounded."
           }
          }
         },
         "upgrade": {
          "type": "object",
          "description": "Images that wait for spec.upgrade Automatic. Absent when all pods have the images and pod templates of the operator's release.",
          "properties": {
           "gatewayImage": {
            "type": "string",
            "description": "The one gateways would get."
           },
           "redisImage": {
            "type": "string",
            "description": "The one Redis would get."
           }
          }
         },
         "conditions": {
          "type": "array",
          "description": "Ready Available Progressing Degraded ConfigurationAccepted ConfigurationWarning LimitsApplied LimitsExact IssuersReady RedisReady ExposureReady MonitoringReady AutoscalingActive Draining UpToDate ReconciliationPaused",
          "maxItems": 32,
          "x-kubernetes-list-type": "map",
          "x-kubernetes-list-map-keys": [
           "type"
          ],
          "items": {
           "type": "object",
           "required": [
            "type",
            "status",
            "reason",
            "message",
            "lastTransitionTime"
           ],
           "properties": {
            "type": {
             "type": "string",
             "minLength": 1,
             "maxLength": 316,
             "description": "What the condition is about."
            },
            "status": {
             "type": "string",
             "enum": [
              "True",
              "False",
              "Unknown"
             ],
             "description": "Whether it holds."
            },
            "observedGeneration": {
             "type": "integer",
             "format": "int64",
             "minimum": 0,
             "description": "Generation of the spec it speaks of."
            },
            "lastTransitionTime": {
             "type": "string",
             "format": "date-time",
             "description": "When the status last changed."
            },
            "reason": {
             "type": "string",
             "minLength": 1,
             "maxLength": 1024,
             "pattern": "^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$",
             "description": "One word for programs."
            },
            "message": {
             "type": "string",
             "maxLength": 32768,
             "description": "A sentence for people."
            }
           }
          }
         }
        }
       }
      }
     }
    }
   }
  ]
 }
};

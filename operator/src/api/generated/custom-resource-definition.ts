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
      "description": "A fleet of Socket.IO gateways with its Redis, its ingress, its limits for clients, and the objects for monitoring and scaling.",
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
        "message": "metadata.name must begin with a letter and contain only a-z, 0-9 and -, because names of Services begin with it: rename the cluster"
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
        "description": "[cluster] The wanted state. Every field has a default, except spec.auth.jwt and some fields of optional features.",
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
          "description": "[cluster] Number of gateway pods. kubectl scale and autoscalers of your own can change it. It has no effect while spec.autoscaling is set."
         },
         "image": {
          "type": "string",
          "maxLength": 512,
          "pattern": "^\\S*$",
          "default": "",
          "description": "[rolling] Image of the gateway. Empty: the operator's default image, and spec.upgrade decides when pods get a newer one."
         },
         "upgrade": {
          "type": "string",
          "enum": [
           "Manual",
           "Automatic"
          ],
          "description": "[rolling] What an upgrade of the operator changes in running gateway and Redis pods. Manual: nothing. They keep their images and pod templates until this field is Automatic. Automatic: they are replaced by pods with the images and pod templates of the operator's release. Absent: as the value `upgrade` of the operator's chart says, which is Manual by default."
         },
         "imagePullPolicy": {
          "type": "string",
          "enum": [
           "Always",
           "IfNotPresent",
           "Never"
          ],
          "default": "IfNotPresent",
          "description": "[rolling] When Kubernetes pulls the images of the gateway and of Redis."
         },
         "imagePullSecrets": {
          "type": "array",
          "maxItems": 8,
          "description": "[rolling] Secrets of this namespace for pulling the images of the gateway and of Redis.",
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
          "description": "[rolling] CPU and memory of a gateway pod. The heap limit of the gateway's process is derived from the memory limit.",
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
            "description": "[rolling] Amounts that the scheduler reserves, by resource name. Absent: 100m of cpu and 192Mi of memory, or the limits if they are lower.",
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
            "description": "[rolling] The most that the pod can use, by resource name. Absent: 512Mi of memory, or the request if it is higher, and no limit of cpu.",
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
          "description": "[live] Limits for clients. An edit reaches running pods within seconds and closes no connection.",
          "properties": {
           "maxConnections": {
            "type": "integer",
            "format": "int32",
            "minimum": 1,
            "maximum": 100000000,
            "default": 10000,
            "description": "[live] Highest number of connections in the whole cluster. Further ones are refused with GLOBAL_LIMIT_EXCEEDED."
           },
           "maxConnectionsPerUser": {
            "type": "integer",
            "format": "int32",
            "minimum": 1,
            "maximum": 1000000,
            "default": 5,
            "description": "[live] Highest number of connections of one user in the whole cluster. Further ones are refused with CONNECTION_LIMIT_EXCEEDED."
           },
           "maxRoomsPerUser": {
            "type": "integer",
            "format": "int32",
            "minimum": 1,
            "maximum": 1000000,
            "default": 50,
            "description": "[live] Highest number of rooms of one user in the whole cluster. Further ones are refused with ROOM_LIMIT_EXCEEDED."
           },
           "maxEventsPerMinute": {
            "type": "integer",
            "format": "int32",
            "minimum": 1,
            "maximum": 10000000,
            "default": 100,
            "description": "[live] Highest number of events that one user can send per minute, in the whole cluster. Further ones are refused with RATE_LIMIT_EXCEEDED."
           },
           "maxMessageBytes": {
            "type": "integer",
            "format": "int32",
            "minimum": 1024,
            "maximum": 104857600,
            "default": 1048576,
            "description": "[live] Highest number of bytes of one message. A larger message is refused with MESSAGE_TOO_LARGE. A message that is much larger closes the connection."
           },
           "maxConnectionsPerAddress": {
            "type": "integer",
            "format": "int32",
            "minimum": 1,
            "maximum": 100000000,
            "default": 100,
            "description": "[live] Highest number of handshakes from one IP address in 15 minutes. Further ones are refused with ADDRESS_LIMIT_EXCEEDED."
           },
           "maxQueuedBytes": {
            "type": "integer",
            "format": "int32",
            "minimum": 16384,
            "maximum": 1073741824,
            "default": 1048576,
            "description": "[live] Highest number of bytes that wait to be sent to one client. If a client reads so slowly that more would wait, its connection is closed."
           }
          }
         },
         "origins": {
          "type": "array",
          "maxItems": 64,
          "default": [],
          "x-kubernetes-list-type": "set",
          "description": "[live] Origins that are allowed to connect, in addition to the exposed host: origins of pages, and of apps such as capacitor://localhost, file:// and \"null\". The header Origin of a handshake must be equal to one of them. \"*\" allows all origins. Clients that send no Origin are accepted.",
          "items": {
           "type": "string",
           "minLength": 1,
           "maxLength": 253
          },
          "x-kubernetes-validations": [
           {
            "rule": "self.all(o, o in [\"*\", \"null\", \"file://\"] || o.matches('^[a-z][a-z0-9+.-]*://[^/?#@A-Z*\\\\s]+$'))",
            "message": "spec.origins must contain \"*\" alone or origins such as https://app.example.com, capacitor://localhost, file:// or \"null\": scheme and host in small letters, without wildcards, a path or a slash at the end"
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
          "description": "[rolling] The transports with which clients can connect. With polling, the load balancer must send all requests of a client to one pod.",
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
          "description": "[rolling] Which clients are allowed to connect.",
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
            "description": "[rolling] JWT: only clients with a valid token are accepted. None: every client is accepted, and the condition ConfigurationWarning says so."
           },
           "jwt": {
            "type": "object",
            "description": "[rolling] How tokens are verified.",
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
              "description": "[rolling] Secret with the HS256 key, in this namespace. When the Secret changes, pods are replaced one after another.",
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
                "description": "[rolling] Key of the Secret's data. Its value is the signing key and must have at least 32 bytes. To rotate the signing key, write the new and the old one on separate lines: tokens of both are accepted."
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
              "description": "[rolling] Issuers whose tokens are accepted.",
              "items": {
               "type": "object",
               "required": [
                "issuer",
                "jwksURL"
               ],
               "x-kubernetes-validations": [
                {
                 "rule": "has(self.audience) || has(self.clientId)",
                 "message": "spec.auth.jwt.issuers needs an audience or a clientId in each entry: without them every token of the issuer would be accepted"
                },
                {
                 "rule": "!self.issuer.matches('[{]')",
                 "message": "spec.auth.jwt.issuers has an issuer with a placeholder such as {tenantid}, which no token has: write the iss of your tokens, and one entry for each tenant",
                 "fieldPath": ".issuer"
                },
                {
                 "rule": "!self.issuer.matches('^https://(login[.]microsoftonline[.]com|sts[.]windows[.]net)/') || self.issuer.matches('^https://[^/]+/[0-9a-fA-F-]{36}(/|$)') || self.issuer.matches('[{]')",
                 "message": "spec.auth.jwt.issuers has an issuer of Entra ID without the id of a tenant: tokens have the id in their iss, and never common, organizations, consumers or a domain: write the id, and one entry for each tenant",
                 "fieldPath": ".issuer"
                }
               ],
               "properties": {
                "issuer": {
                 "type": "string",
                 "minLength": 1,
                 "maxLength": 512,
                 "description": "[rolling] The value of the token's iss. A slash at the end makes no difference."
                },
                "audience": {
                 "type": "string",
                 "minLength": 1,
                 "maxLength": 512,
                 "description": "[rolling] The value that the token's aud must be or contain."
                },
                "clientId": {
                 "type": "string",
                 "minLength": 1,
                 "maxLength": 512,
                 "description": "[rolling] The value of the token's azp, client_id, cid or appid, for providers whose tokens have no aud. docs/tokens.md lists the providers."
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
                 "description": "[rolling] URL of the issuer's public keys."
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
            "description": "[live] Claims: a token lists the rooms that its user may enter, as names and * patterns. Open: every accepted user may enter every room."
           }
          }
         },
         "redis": {
          "type": "object",
          "default": {
           "type": "Managed"
          },
          "description": "[rolling] The Redis that connects the gateway pods to one cluster.",
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
            "description": "[rolling] Managed: the operator runs Redis. External: you run it. None: there is one pod, which keeps all state in its memory."
           },
           "managed": {
            "type": "object",
            "description": "[rolling] The Redis that the operator runs.",
            "x-kubernetes-validations": [
             {
              "rule": "quantity(string(self.storage)).isGreaterThan(quantity(\"0\"))",
              "message": "spec.redis.managed.storage must be greater than 0: give a size such as 1Gi",
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
              "description": "[rolling] Number of independent Redis instances. With 2, messages still reach other pods while one instance is down. The limits are counted only in the first instance."
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
              "description": "[cluster] Size of each volume. It can only grow, and only if the StorageClass allows that."
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
              "description": "[rolling] Image with redis-server and redis-cli. Empty: the default image of the operator."
             },
             "dataPolicy": {
              "type": "string",
              "enum": [
               "Retain",
               "Delete"
              ],
              "default": "Delete",
              "description": "[cluster] Whether the volumes are deleted or retained when the cluster is deleted, or when spec.redis.type changes from Managed to another type."
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
                "description": "[rolling] Amounts that the scheduler reserves, by resource name. Absent: 50m of cpu and 64Mi of memory, or the limits if they are lower.",
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
                "description": "[rolling] The most that Redis can use, by resource name. Absent: 256Mi of memory, or the request if it is higher. The setting maxmemory of Redis is three quarters of the memory limit.",
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
            "description": "[rolling] A Redis that you run yourself.",
            "properties": {
             "urlSecret": {
              "type": "object",
              "required": [
               "name"
              ],
              "description": "[rolling] Secret with the URL, in this namespace. When the Secret changes, pods are replaced one after another.",
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
                "description": "[rolling] Key of the Secret's data. Its value is a redis:// or rediss:// URL, or a URL for Sentinels or a Cluster (docs/server.md)."
               }
              }
             },
             "tls": {
              "type": "object",
              "minProperties": 1,
              "description": "[rolling] Certificates for a URL that begins with rediss. When a certificate in the same Secret is renewed, new connections to Redis use it, and nothing restarts.",
              "properties": {
               "caSecret": {
                "type": "object",
                "required": [
                 "name"
                ],
                "description": "[rolling] Secret with the certificates of the CAs that gateways trust for Redis, in this namespace. Absent: they trust the public CAs.",
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
                  "description": "[rolling] Key of the Secret's data. Its value is in PEM form."
                 }
                }
               },
               "clientSecret": {
                "type": "object",
                "required": [
                 "name"
                ],
                "description": "[rolling] Secret of type kubernetes.io/tls with the client certificate (tls.crt and tls.key), in this namespace. Set it if Redis requires one.",
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
            "message": "spec.exposure.host must be a name, not an IP address, because routes match host names: give a host name",
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
            "description": "[rolling] None: only a Service is created. Ingress or Gateway: a route to the Service is created too. A change from or to None replaces the pods, because the default of spec.trustedProxies then changes. If spec.trustedProxies has a list, no pod is replaced."
           },
           "host": {
            "type": "string",
            "minLength": 1,
            "maxLength": 253,
            "description": "[cluster] Host name that clients use.",
            "x-kubernetes-validations": [
             {
              "rule": "self.matches('^([a-z0-9]([-a-z0-9]*[a-z0-9])?)([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$')",
              "message": "spec.exposure.host must be a host name in small letters, without a scheme, a port or a path: write it as chat.example.com"
             }
            ]
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
              "description": "[cluster] Secret with the certificate. cert-manager can create it."
             }
            }
           },
           "ingress": {
            "type": "object",
            "description": "[cluster] Settings of the Ingress.",
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
              "description": "[rolling] The ingress controller that serves the IngressClass. The operator adds the annotations for session affinity and timeouts that this controller needs. Generic: it adds none. Only a change from or to GKE replaces pods, because the default of spec.trustedProxies then changes. If spec.trustedProxies has a list, no pod is replaced."
             },
             "annotations": {
              "type": "object",
              "maxProperties": 64,
              "description": "[cluster] Additional annotations of the Ingress. They replace the operator's annotations with the same key.",
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
              "description": "[cluster] Additional annotations of the Service, from which some controllers read their settings. They replace the operator's annotations with the same key.",
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
            "description": "[cluster] Settings of the HTTPRoute.",
            "properties": {
             "parentRefs": {
              "type": "array",
              "minItems": 1,
              "maxItems": 8,
              "x-kubernetes-list-type": "atomic",
              "description": "[cluster] Gateways to which the route is attached.",
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
                 "description": "[cluster] Namespace of the Gateway. Absent: this one."
                },
                "sectionName": {
                 "type": "string",
                 "maxLength": 253,
                 "pattern": "^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$",
                 "description": "[cluster] Name of one listener of the Gateway. Absent: the route uses all listeners that accept it."
                },
                "port": {
                 "type": "integer",
                 "format": "int32",
                 "minimum": 1,
                 "maximum": 65535,
                 "description": "[cluster] The route uses only listeners of the Gateway on this port. Absent: any port."
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
          "description": "[rolling] Proxies from which gateways accept the client's IP address, in the header X-Forwarded-For. An entry is a network in CIDR notation, one of the names private, gke and cloudflare, or +N for N more proxies in front of these. A single number means this many proxies. Empty: private networks if the cluster is exposed (with controller GKE also Google's networks), and otherwise no proxy.",
          "items": {
           "type": "string",
           "maxLength": 43
          },
          "x-kubernetes-validations": [
           {
            "rule": "self.all(p, isCIDR(p) || p in [\"private\", \"gke\", \"cloudflare\"] || p.matches('^([0-9]|1[0-6]|\\\\+[1-9]|\\\\+1[0-6])$'))",
            "message": "spec.trustedProxies must contain networks such as 10.0.0.0/8 (one address is 192.0.2.1/32), the names private, gke or cloudflare, +N for 1 to 16 more proxies, or one number from 0 to 16"
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
          "description": "[live] How a pod that stops moves its connections to other pods.",
          "properties": {
           "connectionsPerSecond": {
            "type": "integer",
            "format": "int32",
            "minimum": 1,
            "maximum": 100000,
            "default": 100,
            "description": "[live] How many connections all draining pods of the cluster together move per second."
           },
           "timeoutSeconds": {
            "type": "integer",
            "format": "int32",
            "minimum": 1,
            "maximum": 86400,
            "default": 300,
            "description": "[rolling] Seconds that a pod has to move its connections. The termination grace period of the pod is 30 s longer."
           }
          }
         },
         "maxConnectionAgeSeconds": {
          "type": "integer",
          "format": "int32",
          "minimum": 0,
          "maximum": 2592000,
          "default": 0,
          "description": "[live] The age at which a connection is moved to another pod, 10 % more or less. Connections are moved at the rate of spec.drain.connectionsPerSecond. Use this with a load balancer that spreads connections evenly only while clients reconnect. 0: no connection is moved because of its age.",
          "x-kubernetes-validations": [
           {
            "rule": "self == 0 || self >= 60",
            "message": "spec.maxConnectionAgeSeconds must be 0 (connections stay) or from 60 to 2592000: give a time such as 3600"
           }
          ]
         },
         "recovery": {
          "type": "object",
          "default": {},
          "description": "[live] Recovery of clients that reconnect: they are in their rooms again and get the messages that they missed.",
          "x-kubernetes-validations": [
           {
            "rule": "!has(self.maxBytes) || (quantity(string(self.maxBytes)).compareTo(quantity(\"1Mi\")) >= 0 && quantity(string(self.maxBytes)).compareTo(quantity(\"1Gi\")) <= 0)",
            "message": "spec.recovery.maxBytes must be from 1Mi to 1Gi: give a size such as 32Mi; windowSeconds 0 turns recovery off",
            "fieldPath": ".maxBytes"
           }
          ],
          "properties": {
           "windowSeconds": {
            "type": "integer",
            "format": "int32",
            "minimum": 0,
            "maximum": 3600,
            "default": 120,
            "description": "[live] A client that reconnects within this time is in its rooms again and gets every message that it missed. 0 turns recovery off, and ends the sessions of clients that are not connected."
           },
           "maxBytes": {
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
            "default": "32Mi",
            "description": "[rolling] Size of the recent messages that each gateway and Redis keep for clients that return. When they are larger, the oldest are dropped, so clients have less time to return than windowSeconds. A larger size needs more memory in each gateway and in Redis."
           },
           "presenceGraceSeconds": {
            "type": "integer",
            "format": "int32",
            "minimum": 0,
            "maximum": 3600,
            "default": 15,
            "description": "[live] If a client reconnects within this time, it has not left its rooms: the other members get no user_left. A value above windowSeconds acts like windowSeconds."
           }
          }
         },
         "handlers": {
          "type": "array",
          "maxItems": 32,
          "default": [],
          "x-kubernetes-list-type": "map",
          "x-kubernetes-list-map-keys": [
           "name"
          ],
          "description": "[live] HTTP services of the application (docs/handlers.md). They answer the application's own events, and the gateway asks them before some of its decisions. If two entries match an event, the first entry gets it.",
          "x-kubernetes-validations": [
           {
            "rule": "self.all(a, self.all(b, a.name >= b.name || !a.events.exists(event, event in b.events)))",
            "message": "spec.handlers must list each event in one entry: remove it from the other entry"
           },
           {
            "rule": "self.all(a, self.all(b, a.name >= b.name || !a.hooks.exists(hook, hook in b.hooks)))",
            "message": "spec.handlers must list each hook in one entry: remove it from the other entry"
           }
          ],
          "items": {
           "type": "object",
           "required": [
            "name"
           ],
           "x-kubernetes-validations": [
            {
             "rule": "has(self.url) != has(self.service)",
             "message": "spec.handlers needs exactly one of url and service in each entry: keep one of them"
            },
            {
             "rule": "self.events.size() + self.hooks.size() > 0",
             "message": "spec.handlers needs a name in events, or one of connect, join, publish and gone in hooks, in each entry"
            }
           ],
           "properties": {
            "name": {
             "type": "string",
             "minLength": 1,
             "maxLength": 63,
             "pattern": "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
             "description": "[live] Name of the handler in conditions, logs and metrics."
            },
            "url": {
             "type": "string",
             "maxLength": 2048,
             "pattern": "^https?://(([A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?\\.)*[A-Za-z]([-A-Za-z0-9]*[A-Za-z0-9])?|((25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\\.){3}(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9]))(:([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?([/?][!\"$-~]*)?$",
             "description": "[live] Address of the service: http or https, a host name or an IPv4 address, no user name, password or fragment. Redirects are not followed."
            },
            "service": {
             "type": "object",
             "required": [
              "name",
              "port"
             ],
             "description": "[live] A Service of this Kubernetes cluster, called over http. It stands for the URL http://NAME.NAMESPACE.svc:PORT/PATH.",
             "properties": {
              "name": {
               "type": "string",
               "minLength": 1,
               "maxLength": 63,
               "pattern": "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
               "description": "[live] Name of the Service."
              },
              "namespace": {
               "type": "string",
               "minLength": 1,
               "maxLength": 63,
               "pattern": "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
               "description": "[live] Namespace of the Service. Absent: this one."
              },
              "port": {
               "type": "integer",
               "format": "int32",
               "minimum": 1,
               "maximum": 65535,
               "description": "[live] Port of the Service."
              },
              "path": {
               "type": "string",
               "maxLength": 1024,
               "pattern": "^/[!\"$-~]*$",
               "default": "/",
               "description": "[live] Path of the URL, with its query."
              }
             }
            },
            "events": {
             "type": "array",
             "maxItems": 32,
             "default": [],
             "x-kubernetes-list-type": "set",
             "description": "[live] Names of events, or prefixes that end in *. An event of the gateway itself never goes to a handler.",
             "x-kubernetes-validations": [
              {
               "rule": "self.all(event, !(event in [\"subscribe:case\", \"unsubscribe:case\", \"join_room\", \"leave_room\", \"send_message\", \"refresh_token\", \"connected\", \"token:expiring\", \"server:draining\", \"error\", \"connect\", \"connect_error\", \"disconnect\", \"disconnecting\", \"newListener\", \"removeListener\"]))",
               "message": "events must leave out those of the gateway itself and of Socket.IO, such as send_message, connected and disconnect: choose other names"
              }
             ],
             "items": {
              "type": "string",
              "maxLength": 65,
              "pattern": "^([A-Za-z0-9_:.-]{1,64}\\*?|\\*)$"
             }
            },
            "hooks": {
             "type": "array",
             "maxItems": 4,
             "default": [],
             "x-kubernetes-list-type": "set",
             "description": "[live] When the gateway calls this handler: before it lets a client connect (connect), enter a room (join) or send a message (publish), and after clients have left (gone).",
             "items": {
              "type": "string",
              "enum": [
               "connect",
               "join",
               "publish",
               "gone"
              ]
             }
            },
            "timeoutMilliseconds": {
             "type": "integer",
             "format": "int32",
             "minimum": 50,
             "maximum": 30000,
             "default": 1000,
             "description": "[live] The longest time of a request to the handler. After this time, the client gets HANDLER_UNAVAILABLE."
            },
            "maxInFlight": {
             "type": "integer",
             "format": "int32",
             "minimum": 1,
             "maximum": 10000,
             "default": 64,
             "description": "[live] Highest number of requests from one gateway to the handler at the same time. Further requests wait in a bounded queue."
            },
            "order": {
             "type": "string",
             "enum": [
              "PerClient",
              "None"
             ],
             "default": "PerClient",
             "description": "[live] PerClient: the events of one client reach the handler one after another. None: they can reach it in another order."
            },
            "onFailure": {
             "type": "string",
             "enum": [
              "Refuse",
              "Allow"
             ],
             "default": "Refuse",
             "description": "[live] What the gateway does when a hook gets no valid answer from the handler: it refuses or allows what the client wants to do."
            },
            "idempotent": {
             "type": "boolean",
             "default": false,
             "description": "[live] True: the handler recognizes a repeated request by its id, so the gateway sends a failed request once more."
            }
           }
          }
         },
         "rollout": {
          "type": "object",
          "default": {},
          "description": "[rolling] How new gateways replace old ones.",
          "properties": {
           "strategy": {
            "type": "string",
            "enum": [
             "OneByOne",
             "AllAtOnce"
            ],
            "default": "OneByOne",
            "description": "[rolling] OneByOne: one new gateway starts, one old gateway moves its connections, and so on. Some connections move several times. AllAtOnce: all new gateways start, and then all old gateways move their connections, so each connection moves once. AllAtOnce needs room for twice as many pods, and every drain begins 10 s later."
           }
          }
         },
         "rebalance": {
          "type": "object",
          "default": {},
          "description": "[cluster] Moves connections to new gateways after a scale-up.",
          "properties": {
           "mode": {
            "type": "string",
            "enum": [
             "AfterScaleUp",
             "Off"
            ],
            "description": "[cluster] AfterScaleUp: gateways with more connections than the mean move some of them to the new gateways, at the rate of spec.drain, until all gateways have about the same number. Absent: AfterScaleUp if recovery is on and spec.transports has no polling, and otherwise Off."
           },
           "tolerancePercent": {
            "type": "integer",
            "format": "int32",
            "minimum": 1,
            "maximum": 100,
            "default": 10,
            "description": "[cluster] By how many percent a gateway's number of connections can differ from the mean before connections are moved."
           }
          }
         },
         "autoscaling": {
          "type": "object",
          "required": [
           "maxReplicas"
          ],
          "description": "[cluster] Adapts the number of gateway pods to the number of connections. Absent: spec.replicas sets the number of pods.",
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
            "description": "[cluster] HPA: a HorizontalPodAutoscaler that reads the pods' custom metric realtime_connections. KEDA: a ScaledObject that asks Prometheus."
           },
           "minReplicas": {
            "type": "integer",
            "format": "int32",
            "minimum": 1,
            "maximum": 1000,
            "default": 2,
            "description": "[cluster] Lowest number of gateway pods."
           },
           "maxReplicas": {
            "type": "integer",
            "format": "int32",
            "minimum": 1,
            "maximum": 1000,
            "description": "[cluster] Highest number of gateway pods."
           },
           "connectionsPerPod": {
            "type": "integer",
            "format": "int32",
            "minimum": 1,
            "maximum": 1000000,
            "default": 5000,
            "description": "[cluster] A pod is added when the mean number of connections per pod is above this number."
           },
           "prometheusAddress": {
            "type": "string",
            "maxLength": 512,
            "pattern": "^https?://[^\\s/?#]+(/\\S*)?$",
            "description": "[cluster] URL of the Prometheus that KEDA asks, for example http://prometheus.monitoring:9090."
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
                "description": "[cluster] Name of the TriggerAuthentication or ClusterTriggerAuthentication."
               },
               "kind": {
                "type": "string",
                "enum": [
                 "TriggerAuthentication",
                 "ClusterTriggerAuthentication"
                ],
                "default": "TriggerAuthentication",
                "description": "[cluster] Which of the two kinds it is. A TriggerAuthentication must be in this namespace."
               }
              }
             },
             "authModes": {
              "type": "array",
              "minItems": 1,
              "maxItems": 4,
              "x-kubernetes-list-type": "set",
              "description": "[cluster] How KEDA sends the credentials to Prometheus. Absent: the TriggerAuthentication decides, for example with pod identity.",
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
              "description": "[cluster] HTTP headers that KEDA sends to Prometheus, for example X-Scope-OrgID for a tenant of Mimir. Do not put credentials here: use authenticationRef.",
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
          "description": "[cluster] Objects for Prometheus and Grafana. Their CustomResourceDefinitions can be installed later.",
          "properties": {
           "serviceMonitor": {
            "type": "object",
            "default": {},
            "description": "[cluster] A ServiceMonitor, by which prometheus-operator scrapes the gateways.",
            "properties": {
             "enabled": {
              "type": "boolean",
              "default": false,
              "description": "[cluster] True: the operator creates the ServiceMonitor."
             },
             "labels": {
              "type": "object",
              "maxProperties": 32,
              "description": "[cluster] Labels of the ServiceMonitor and the PrometheusRule, by which your Prometheus selects them.",
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
            "description": "[cluster] A PrometheusRule with alerts. With the ServiceMonitor, the alerts select metrics by the labels namespace and service, which it sets. Without it, they use the labels namespace and pod, which your own scrape must set. With spec.replicas 0, there is no alert about missing gateways.",
            "properties": {
             "enabled": {
              "type": "boolean",
              "default": false,
              "description": "[cluster] True: the operator creates the PrometheusRule."
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
              "description": "[cluster] True: the operator creates the ConfigMap."
             }
            }
           }
          }
         },
         "networkPolicy": {
          "type": "object",
          "default": {},
          "description": "[cluster] Which pods are allowed to connect to gateways and Redis, and where gateways are allowed to connect to.",
          "properties": {
           "enabled": {
            "type": "boolean",
            "default": true,
            "description": "[cluster] True: only gateways can connect to Redis. Only the operator and the peers in privateFrom can connect to the private port of gateways."
           },
           "privateFrom": {
            "type": "array",
            "maxItems": 16,
            "x-kubernetes-list-type": "atomic",
            "description": "[cluster] NetworkPolicy peers that are allowed to connect to the private port (metrics, publishing). Absent: every pod of the Kubernetes cluster. The admin API requires its token in any case.",
            "items": {
             "type": "object",
             "x-kubernetes-preserve-unknown-fields": true
            }
           },
           "egress": {
            "type": "string",
            "enum": [
             "Open",
             "Restricted"
            ],
            "default": "Open",
            "description": "[cluster] Open: the operator does not restrict outgoing connections of gateways. Restricted: gateways can connect only to DNS, the managed Redis, token issuers and handlers. NetworkPolicies add up: allow an external Redis and a trace collector with a policy of your own."
           }
          }
         },
         "labels": {
          "type": "object",
          "maxProperties": 32,
          "description": "[rolling] Labels for every object that the operator creates for this cluster, pods and volume claims included. For example, an admission policy may require some.",
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
          "description": "[rolling] Annotations for every object that the operator creates for this cluster, pods and volume claims included. More specific annotations, such as those of spec.exposure.ingress, override them.",
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
          "description": "[rolling] Strategic merge patch for the pod template of gateways, with metadata and spec as in a Pod. The API server checks its content only when the operator writes the Deployment."
         },
         "paused": {
          "type": "boolean",
          "default": false,
          "description": "[cluster] True: the operator updates the status but changes no object."
         }
        }
       },
       "status": {
        "type": "object",
        "description": "The observed state, which the operator writes.",
        "default": {
         "observedGeneration": -1
        },
        "properties": {
         "observedGeneration": {
          "type": "integer",
          "format": "int64",
          "description": "Generation of the spec that this status describes. -1 before the operator's first pass."
         },
         "replicas": {
          "type": "integer",
          "format": "int32",
          "description": "Number of gateway pods, without terminating ones."
         },
         "readyReplicas": {
          "type": "integer",
          "format": "int32",
          "description": "Number of gateway pods that accept new connections."
         },
         "selector": {
          "type": "string",
          "description": "Label selector of the gateway pods, for autoscalers."
         },
         "url": {
          "type": "string",
          "description": "URL at which clients connect."
         },
         "connections": {
          "type": "object",
          "description": "Numbers of client connections, rounded to two significant digits.",
          "properties": {
           "total": {
            "type": "integer",
            "format": "int64",
            "description": "Number of connections in the whole cluster."
           },
           "mostLoadedPod": {
            "type": "string",
            "description": "Pod with the most connections."
           },
           "leastLoadedPod": {
            "type": "string",
            "description": "Pod with the fewest connections."
           }
          }
         },
         "drain": {
          "type": "object",
          "description": "Drains in progress. Absent when no pod drains.",
          "properties": {
           "pods": {
            "type": "integer",
            "format": "int32",
            "description": "Number of draining pods."
           },
           "connectionsLeft": {
            "type": "integer",
            "format": "int64",
            "description": "Number of connections that the draining pods still have, rounded."
           },
           "secondsLeft": {
            "type": "integer",
            "format": "int64",
            "description": "Seconds until the draining pods have moved all connections at the rate of spec.drain.connectionsPerSecond, or until the deadline of spec.drain.timeoutSeconds, rounded."
           }
          }
         },
         "recovery": {
          "type": "object",
          "description": "How long messages are kept for clients that return. Absent when recovery is off or no gateway has reported.",
          "properties": {
           "promisedSeconds": {
            "type": "integer",
            "format": "int32",
            "description": "The promised time: spec.recovery.windowSeconds."
           },
           "heldSeconds": {
            "type": "integer",
            "format": "int32",
            "description": "How long messages are really kept, in the gateway with the shortest time. Rounded down to tenths of promisedSeconds. Shorter than promised when spec.recovery.maxBytes is too small."
           }
          }
         },
         "rebalance": {
          "type": "object",
          "required": [
           "gateways"
          ],
          "description": "The last rebalance after a scale-up.",
          "properties": {
           "gateways": {
            "type": "integer",
            "format": "int32",
            "description": "Number of gateways when the operator last compared their connections."
           },
           "moved": {
            "type": "integer",
            "format": "int64",
            "description": "Number of connections that the rebalance has moved."
           },
           "left": {
            "type": "integer",
            "format": "int64",
            "description": "Number of connections that the rebalance still has to move."
           }
          }
         },
         "upgrade": {
          "type": "object",
          "description": "Newer images that running pods do not have yet, because spec.upgrade is Manual. Absent when all pods have the images and pod templates of the operator's release.",
          "properties": {
           "gatewayImage": {
            "type": "string",
            "description": "Image that gateways get when spec.upgrade becomes Automatic."
           },
           "redisImage": {
            "type": "string",
            "description": "Image that Redis gets when spec.upgrade becomes Automatic."
           }
          }
         },
         "conditions": {
          "type": "array",
          "description": "Ready Available Progressing Degraded ConfigurationAccepted ConfigurationWarning LimitsApplied LimitsExact IssuersReady RedisReady ExposureReady MonitoringReady AutoscalingActive Draining Rebalancing UpToDate ReconciliationPaused",
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
             "description": "Name of the condition."
            },
            "status": {
             "type": "string",
             "enum": [
              "True",
              "False",
              "Unknown"
             ],
             "description": "Whether the condition is true."
            },
            "observedGeneration": {
             "type": "integer",
             "format": "int64",
             "minimum": 0,
             "description": "Generation of the spec that the condition describes."
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
             "description": "Reason in one word, for programs."
            },
            "message": {
             "type": "string",
             "maxLength": 32768,
             "description": "Explanation for people."
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

// Made from crds/realtimeclusters.yaml by "make generate": edit that file instead.
/**
 * [cluster] The wanted state. Every field has a default, except spec.auth.jwt and some fields of optional features.
 */
export interface RealtimeClusterSpec {
  /**
   * [cluster] Number of gateway pods. kubectl scale and autoscalers may write it. It has no effect while spec.autoscaling is set.
   */
  replicas: number;
  /**
   * [rolling] Image of the gateway. Empty: the default image of the operator; spec.upgrade decides when pods get a newer one.
   */
  image: string;
  /**
   * [rolling] What an upgrade of the operator changes in running gateways and Redis. Manual: nothing; they keep their images and pod templates until this field is Automatic. Automatic: they get the images and pod templates of the operator's release. Absent: the value upgrade of the operator's chart decides, which is Manual by default.
   */
  upgrade?: "Manual" | "Automatic";
  /**
   * [rolling] When the image is pulled.
   */
  imagePullPolicy: "Always" | "IfNotPresent" | "Never";
  /**
   * [rolling] Secrets of this namespace for pulling the images of the gateway and of Redis.
   */
  imagePullSecrets?: {
    /**
     * [rolling] Name of the Secret.
     */
    name: string;
  }[];
  /**
   * [rolling] CPU and memory of a gateway pod. The size of the process's heap follows from the memory limit.
   */
  resources: {
    /**
     * [rolling] Amounts that the scheduler reserves, by resource name. Absent: 100m of cpu and 192Mi of memory, or the limits if they are lower.
     */
    requests?: {
      [k: string]: number | string;
    };
    /**
     * [rolling] The most that the pod may use, by resource name. Absent: 512Mi of memory, or the request if it is higher, and no limit of cpu.
     */
    limits?: {
      [k: string]: number | string;
    };
  };
  /**
   * [live] Limits for clients. An edit reaches running pods within seconds and closes no connection.
   */
  limits: {
    /**
     * [live] Most connections in the whole cluster. More are refused with GLOBAL_LIMIT_EXCEEDED.
     */
    maxConnections: number;
    /**
     * [live] Most connections of one user in the whole cluster. More are refused with CONNECTION_LIMIT_EXCEEDED.
     */
    maxConnectionsPerUser: number;
    /**
     * [live] Most rooms of one user in the whole cluster. More are refused with ROOM_LIMIT_EXCEEDED.
     */
    maxRoomsPerUser: number;
    /**
     * [live] Most events that one user may send per minute, in the whole cluster. More are refused with RATE_LIMIT_EXCEEDED.
     */
    maxEventsPerMinute: number;
    /**
     * [live] Most bytes of one message. A larger message is refused with MESSAGE_TOO_LARGE. A much larger one ends the connection.
     */
    maxMessageBytes: number;
    /**
     * [live] Most handshakes from one client address in 15 minutes. More are refused with ADDRESS_LIMIT_EXCEEDED.
     */
    maxConnectionsPerAddress: number;
    /**
     * [live] Most bytes that may wait to be sent to one client. If a client reads so slowly that more would wait, its connection is closed.
     */
    maxQueuedBytes: number;
  };
  /**
   * [live] Origins that may connect, in addition to the exposed host: origins of pages, and of apps such as capacitor://localhost, file:// and "null". Each handshake is compared exactly. "*" allows all. Clients that send no Origin are accepted.
   */
  origins: string[];
  /**
   * [rolling] How clients may connect. With polling, the load balancer must send all requests of a client to one pod.
   */
  transports: ("websocket" | "polling")[];
  /**
   * [rolling] Who may connect.
   */
  auth: {
    /**
     * [rolling] JWT: tokens are verified. None: every client is accepted; the condition ConfigurationWarning reports that.
     */
    type: "JWT" | "None";
    /**
     * [rolling] How tokens are verified.
     */
    jwt?: {
      /**
       * [rolling] Secret with the HS256 key, in this namespace. When the Secret changes, pods are replaced one after another.
       */
      secret?: {
        /**
         * [rolling] Name of the Secret.
         */
        name: string;
        /**
         * [rolling] Key in the Secret. The value must have at least 32 bytes. To rotate the signing key, write several, one per line: all of them are valid.
         */
        key: string;
      };
      /**
       * [rolling] Issuers whose tokens are accepted.
       */
      issuers?: {
        /**
         * [rolling] The value of the token's iss. A slash at the end makes no difference.
         */
        issuer: string;
        /**
         * [rolling] The value that the token's aud must be or contain.
         */
        audience?: string;
        /**
         * [rolling] The value of the token's azp, client_id, cid or appid, for providers whose tokens have no aud. docs/tokens.md lists the providers.
         */
        clientId?: string;
        /**
         * [rolling] The claim that lists the rooms: its name, or a path with dots. Absent: rooms.
         */
        roomsClaim?: string;
        /**
         * [rolling] URL of the issuer's public keys.
         */
        jwksURL: string;
      }[];
    };
    /**
     * [live] Claims: a token lists the rooms that its user may enter, as names and * patterns. Open: every accepted user may enter every room.
     */
    rooms: "Claims" | "Open";
  };
  /**
   * [rolling] Redis, through which the pods form one cluster.
   */
  redis: {
    /**
     * [rolling] Managed: the operator runs Redis. External: you run it. None: there is one pod, which keeps all state in its memory.
     */
    type: "Managed" | "External" | "None";
    /**
     * [rolling] The Redis that the operator runs.
     */
    managed?: {
      /**
       * [rolling] Number of independent Redis instances. With 2, messages still reach other pods while one instance is down. The first one counts the limits.
       */
      replicas: number;
      /**
       * [cluster] Size of each volume. It can only grow, and only if the StorageClass allows that.
       */
      storage: number | string;
      /**
       * [immutable] StorageClass of the volume. Absent: the default of the Kubernetes cluster.
       */
      storageClassName?: string;
      /**
       * [rolling] Image with redis-server and redis-cli. Empty: the default image of the operator.
       */
      image: string;
      /**
       * [cluster] Whether the volumes are deleted or retained when the cluster is deleted, or when spec.redis.type changes from Managed to another type.
       */
      dataPolicy: "Retain" | "Delete";
      /**
       * [rolling] CPU and memory of Redis.
       */
      resources: {
        /**
         * [rolling] Amounts that the scheduler reserves, by resource name. Absent: 50m of cpu and 64Mi of memory, or the limits if they are lower.
         */
        requests?: {
          [k: string]: number | string;
        };
        /**
         * [rolling] The most that Redis may use, by resource name. Absent: 256Mi of memory, or the request if it is higher. The setting maxmemory of Redis is three quarters of the memory limit.
         */
        limits?: {
          [k: string]: number | string;
        };
      };
      /**
       * [rolling] Strategic merge patch for the pod template of Redis, for example tolerations, a node selector or a priority class. Works like spec.podPatch; the container is named redis.
       */
      podPatch?: {
        [k: string]: unknown;
      };
    };
    /**
     * [rolling] Your own Redis.
     */
    external?: {
      /**
       * [rolling] Secret with the URL, in this namespace. When the Secret changes, pods are replaced one after another.
       */
      urlSecret: {
        /**
         * [rolling] Name of the Secret.
         */
        name: string;
        /**
         * [rolling] Key in the Secret. The value is a redis:// or rediss:// URL, or a URL for Sentinels or a Cluster (docs/server.md).
         */
        key: string;
      };
      /**
       * [rolling] Certificates for a URL that begins with rediss. When a certificate in the same Secret is renewed, new connections to Redis use it, and nothing restarts.
       */
      tls?: {
        /**
         * [rolling] Secret with the CA certificates for Redis, in this namespace. Absent: the public CAs.
         */
        caSecret?: {
          /**
           * [rolling] Name of the Secret.
           */
          name: string;
          /**
           * [rolling] Key in the Secret; its value is in PEM form.
           */
          key: string;
        };
        /**
         * [rolling] Secret of type kubernetes.io/tls with the client certificate (tls.crt and tls.key), in this namespace. Set it if Redis requires one.
         */
        clientSecret?: {
          /**
           * [rolling] Name of the Secret.
           */
          name: string;
        };
      };
    };
  };
  /**
   * [cluster] How clients reach the gateways from outside.
   */
  exposure: {
    /**
     * [rolling] None: only a Service is created. Ingress or Gateway: a route to the Service is created too. A change from or to None replaces the pods, because the default of spec.trustedProxies then changes. If spec.trustedProxies has a list, no pod is replaced.
     */
    type: "None" | "Ingress" | "Gateway";
    /**
     * [cluster] Host name that clients use.
     */
    host?: string;
    /**
     * [cluster] TLS at the ingress. Absent: plain HTTP.
     */
    tls?: {
      /**
       * [cluster] Secret with the certificate. cert-manager may create it.
       */
      secretName: string;
    };
    /**
     * [cluster] The Ingress.
     */
    ingress?: {
      /**
       * [cluster] IngressClass. Absent: the default of the Kubernetes cluster.
       */
      className?: string;
      /**
       * [rolling] The controller that serves the class. The operator adds the annotations for affinity and timeouts that this controller needs. Generic: none. Only a change from or to GKE replaces pods, because the default of spec.trustedProxies then changes. If spec.trustedProxies has a list, no pod is replaced.
       */
      controller: "Generic" | "Traefik" | "HAProxy" | "HAProxyIngress" | "F5Nginx" | "IngressNginx" | "ALB" | "GKE" | "Contour";
      /**
       * [cluster] More annotations of the Ingress. They override the operator's.
       */
      annotations?: {
        [k: string]: string;
      };
      /**
       * [cluster] More annotations of the Service, from which some controllers read their settings. They override the operator's.
       */
      serviceAnnotations?: {
        [k: string]: string;
      };
    };
    /**
     * [cluster] The HTTPRoute.
     */
    gateway?: {
      /**
       * [cluster] Gateways to which the route is attached.
       */
      parentRefs: {
        /**
         * [cluster] Name of the Gateway.
         */
        name: string;
        /**
         * [cluster] Namespace of the Gateway. Absent: this one.
         */
        namespace?: string;
        /**
         * [cluster] One listener of the Gateway. Absent: all listeners that match.
         */
        sectionName?: string;
        /**
         * [cluster] Only listeners on this port.
         */
        port?: number;
      }[];
    };
  };
  /**
   * [rolling] Proxies whose header X-Forwarded-For is trusted. An entry is a network in CIDR notation, one of the names private, gke and cloudflare, or +N for N more proxies before these. A single number trusts that many proxies. Empty: private networks if the cluster is exposed, and Google's too for controller GKE; no proxy otherwise.
   */
  trustedProxies: string[];
  /**
   * [live] How a pod that stops moves its connections to other pods.
   */
  drain: {
    /**
     * [live] Connections that all draining pods of the cluster together move per second.
     */
    connectionsPerSecond: number;
    /**
     * [rolling] Time in which a pod must move its connections. The pod's grace period is 30 s longer.
     */
    timeoutSeconds: number;
  };
  /**
   * [live] Connections of about this age (10 % more or less) move to another pod, at the rate of drain.connectionsPerSecond. For load balancers that spread connections evenly only while clients reconnect. 0: connections stay.
   */
  maxConnectionAgeSeconds: number;
  /**
   * [live] What a client finds again when it reconnects: its rooms, and the messages that it missed.
   */
  recovery: {
    /**
     * [live] A client that reconnects within this time gets its rooms and every message that it missed. 0 turns recovery off and ends the sessions that clients could return to.
     */
    windowSeconds: number;
    /**
     * [rolling] Messages that are kept for clients that return, in each gateway and in Redis. When they are more, the oldest go first, and the window gets shorter. The memory of gateways and of Redis follows it.
     */
    maxBytes: number | string;
    /**
     * [live] A client that reconnects within this time has not left its rooms: the other members get no user_left. At most windowSeconds count.
     */
    presenceGraceSeconds: number;
  };
  /**
   * [live] HTTP services of the application that answer events of their own and take part in decisions of the gateway (docs/handlers.md). If two entries match an event, the first one gets it.
   */
  handlers: {
    /**
     * [live] Name in conditions, logs and metrics.
     */
    name: string;
    /**
     * [live] Address of the service: http or https, a host name or an IPv4 address, no user name, password or fragment. Redirects are not followed.
     */
    url?: string;
    /**
     * [live] A Service of this Kubernetes cluster, called over http. It stands for the URL http://NAME.NAMESPACE.svc:PORT/PATH.
     */
    service?: {
      /**
       * [live] Name of the Service.
       */
      name: string;
      /**
       * [live] Namespace of the Service. Absent: this one.
       */
      namespace?: string;
      /**
       * [live] Port of the Service.
       */
      port: number;
      /**
       * [live] Path of the URL, with its query.
       */
      path: string;
    };
    /**
     * [live] Names of events, or prefixes that end in *. An event of the gateway itself never goes to a handler.
     */
    events: string[];
    /**
     * [live] Decisions of the gateway for which it asks this handler, and gone: the news that clients have left.
     */
    hooks: ("connect" | "join" | "publish" | "gone")[];
    /**
     * [live] Time for a whole request. After it the client gets HANDLER_UNAVAILABLE.
     */
    timeoutMilliseconds: number;
    /**
     * [live] The most requests at the same time, for each gateway. More requests wait in a bounded queue.
     */
    maxInFlight: number;
    /**
     * [live] PerClient: the events of one client reach the handler one after another. None: they may overtake each other.
     */
    order: "PerClient" | "None";
    /**
     * [live] The decision of hooks while the handler gives no valid answer.
     */
    onFailure: "Refuse" | "Allow";
    /**
     * [live] True: the handler recognizes a repeated request by its id, so the gateway may send a failed one again, once.
     */
    idempotent: boolean;
  }[];
  /**
   * [rolling] How new gateways replace old ones.
   */
  rollout: {
    /**
     * [rolling] OneByOne: one new gateway, then one old one moves its connections; some move again. AllAtOnce: first all new gateways, then all old ones move their connections, each once. It needs room for twice the pods, and every drain begins 10 s later.
     */
    strategy: "OneByOne" | "AllAtOnce";
  };
  /**
   * [cluster] Moves connections to new gateways after a scale-up.
   */
  rebalance: {
    /**
     * [cluster] AfterScaleUp: full gateways move connections at the rate of spec.drain until all have an equal part. Absent: AfterScaleUp where recovery is on and transports has no polling, otherwise Off.
     */
    mode?: "AfterScaleUp" | "Off";
    /**
     * [cluster] How far from the mean a gateway may be. Within it nothing moves.
     */
    tolerancePercent: number;
  };
  /**
   * [cluster] Changes the number of pods with the number of connections. Absent: spec.replicas sets it.
   */
  autoscaling?: {
    /**
     * [cluster] HPA: a HorizontalPodAutoscaler that reads the pods' custom metric realtime_connections. KEDA: a ScaledObject that asks Prometheus.
     */
    type: "HPA" | "KEDA";
    /**
     * [cluster] Fewest pods.
     */
    minReplicas: number;
    /**
     * [cluster] Most pods.
     */
    maxReplicas: number;
    /**
     * [cluster] Mean number of connections per pod above which a pod is added.
     */
    connectionsPerPod: number;
    /**
     * [cluster] Prometheus for KEDA, for example http://prometheus.monitoring:9090.
     */
    prometheusAddress?: string;
    /**
     * [cluster] How KEDA authenticates to Prometheus, and other settings of its Prometheus trigger.
     */
    keda?: {
      /**
       * [cluster] The TriggerAuthentication with the credentials and, under its key ca, the CA of Prometheus.
       */
      authenticationRef?: {
        /**
         * [cluster] Name of the object.
         */
        name: string;
        /**
         * [cluster] Kind of the object. A TriggerAuthentication must be in this namespace.
         */
        kind: "TriggerAuthentication" | "ClusterTriggerAuthentication";
      };
      /**
       * [cluster] How the credentials are sent. Absent: the TriggerAuthentication decides, for example with pod identity.
       */
      authModes?: ("bearer" | "basic" | "tls" | "custom")[];
      /**
       * [cluster] Headers of the query, for example X-Scope-OrgID for a tenant of Mimir. Do not put credentials here: use authenticationRef.
       */
      customHeaders?: {
        [k: string]: string;
      };
      /**
       * [cluster] Other parameters of KEDA's Prometheus trigger, for example namespace for Thanos, awsRegion or unsafeSsl.
       */
      metadata?: {
        [k: string]: string;
      };
    };
  };
  /**
   * [cluster] Objects for Prometheus and Grafana. You may install their CRDs later.
   */
  monitoring: {
    /**
     * [cluster] A ServiceMonitor, by which prometheus-operator scrapes the gateways.
     */
    serviceMonitor: {
      /**
       * [cluster] Whether there is one.
       */
      enabled: boolean;
      /**
       * [cluster] Labels by which your Prometheus selects monitors and rules.
       */
      labels?: {
        [k: string]: string;
      };
      /**
       * [cluster] Time between scrapes.
       */
      interval: string;
    };
    /**
     * [cluster] A PrometheusRule with alerts. They select series by the labels that the ServiceMonitor sets, namespace and service. Without it, your own scrape must set namespace and pod. A cluster with spec.replicas 0 has no alert about missing gateways.
     */
    prometheusRule: {
      /**
       * [cluster] Whether there are.
       */
      enabled: boolean;
    };
    /**
     * [cluster] A Grafana dashboard in a ConfigMap with the label grafana_dashboard.
     */
    dashboard: {
      /**
       * [cluster] Whether there is one.
       */
      enabled: boolean;
    };
  };
  /**
   * [cluster] Which pods may connect to gateways and Redis, and where gateways may connect to.
   */
  networkPolicy: {
    /**
     * [cluster] True: only gateways can connect to Redis, and only the peers in privateFrom and the operator to the private port of gateways.
     */
    enabled: boolean;
    /**
     * [cluster] NetworkPolicy peers that may connect to the private port (metrics, publishing). Absent: every pod of the Kubernetes cluster. The API requires its token in either case.
     */
    privateFrom?: {
      [k: string]: unknown;
    }[];
    /**
     * [cluster] Open: the operator restricts no connections of gateways to others. Restricted: gateways may connect only to DNS, the managed Redis, token issuers and handlers. NetworkPolicies add up: allow an external Redis and a trace collector with a policy of your own.
     */
    egress: "Open" | "Restricted";
  };
  /**
   * [rolling] Labels for every object that the operator creates for this cluster, pods and volume claims included. For example, an admission policy may require some.
   */
  labels?: {
    [k: string]: string;
  };
  /**
   * [rolling] Annotations for every object that the operator creates for this cluster, pods and volume claims included. More specific annotations, such as those of spec.exposure.ingress, override them.
   */
  annotations?: {
    [k: string]: string;
  };
  /**
   * [rolling] Strategic merge patch for the pod template of gateways, with metadata and spec as in a Pod. The API server checks its content only when the operator writes the Deployment.
   */
  podPatch?: {
    [k: string]: unknown;
  };
  /**
   * [cluster] True: the operator updates the status but changes no object.
   */
  paused: boolean;
}

/**
 * The observed state, which the operator writes.
 */
export interface RealtimeClusterStatus {
  /**
   * Generation of the spec that this status describes. -1 before the operator's first pass.
   */
  observedGeneration?: number;
  /**
   * Number of gateway pods, without terminating ones.
   */
  replicas?: number;
  /**
   * Number of gateway pods that accept new connections.
   */
  readyReplicas?: number;
  /**
   * Label selector of the gateway pods, for autoscalers.
   */
  selector?: string;
  /**
   * Address for clients.
   */
  url?: string;
  /**
   * Client connections, rounded to two digits.
   */
  connections?: {
    /**
     * Number of connections in the whole cluster.
     */
    total?: number;
    /**
     * Pod with the most connections.
     */
    mostLoadedPod?: string;
    /**
     * Pod with the fewest connections.
     */
    leastLoadedPod?: string;
  };
  /**
   * Drains in progress. Absent when no pod drains.
   */
  drain?: {
    /**
     * Number of draining pods.
     */
    pods?: number;
    /**
     * Connections that these pods still have, rounded.
     */
    connectionsLeft?: number;
    /**
     * Seconds until these pods have moved all connections at the rate of spec.drain.connectionsPerSecond, rounded.
     */
    secondsLeft?: number;
  };
  /**
   * How long messages are kept for clients that return. Absent when recovery is off or no gateway has reported.
   */
  recovery?: {
    /**
     * As spec.recovery.windowSeconds says.
     */
    promisedSeconds?: number;
    /**
     * In the gateway that has kept the least, rounded down to tenths of what is promised. Less than promised when spec.recovery.maxBytes is too little.
     */
    heldSeconds?: number;
  };
  /**
   * The last rebalance after a scale-up.
   */
  rebalance?: {
    /**
     * Number of gateways when the fleet was judged last.
     */
    gateways: number;
    /**
     * Connections that it has moved.
     */
    moved?: number;
    /**
     * Connections that are still to move.
     */
    left?: number;
  };
  /**
   * Images that wait for spec.upgrade Automatic. Absent when all pods have the images and pod templates of the operator's release.
   */
  upgrade?: {
    /**
     * Image that gateways would get.
     */
    gatewayImage?: string;
    /**
     * Image that Redis would get.
     */
    redisImage?: string;
  };
  /**
   * Ready Available Progressing Degraded ConfigurationAccepted ConfigurationWarning LimitsApplied LimitsExact IssuersReady RedisReady ExposureReady MonitoringReady AutoscalingActive Draining Rebalancing UpToDate ReconciliationPaused
   */
  conditions?: {
    /**
     * What the condition is about.
     */
    type: string;
    /**
     * Whether it holds.
     */
    status: "True" | "False" | "Unknown";
    /**
     * Generation of the spec that the condition describes.
     */
    observedGeneration?: number;
    /**
     * When the status last changed.
     */
    lastTransitionTime: string;
    /**
     * Reason in one word, for programs.
     */
    reason: string;
    /**
     * Explanation for people.
     */
    message: string;
  }[];
}

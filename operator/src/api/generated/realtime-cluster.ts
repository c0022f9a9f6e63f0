// Made from crds/realtimeclusters.yaml by "make generate": edit that file instead.
/**
 * [cluster] The wanted state. Every field has a default, except spec.auth.jwt and some fields of optional features.
 */
export interface RealtimeClusterSpec {
  /**
   * [cluster] Number of gateway pods. kubectl scale and autoscalers of your own can change it. It has no effect while spec.autoscaling is set.
   */
  replicas: number;
  /**
   * [rolling] Image of the gateway. Empty: the operator's default image, and spec.upgrade decides when pods get a newer one.
   */
  image: string;
  /**
   * [rolling] What an upgrade of the operator changes in running gateway and Redis pods. Manual: nothing. They keep their images and pod templates until this field is Automatic. Automatic: they are replaced by pods with the images and pod templates of the operator's release. Absent: as the value `upgrade` of the operator's chart says, which is Manual by default.
   */
  upgrade?: "Manual" | "Automatic";
  /**
   * [rolling] When Kubernetes pulls the images of the gateway and of Redis.
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
   * [rolling] CPU and memory of a gateway pod. The heap limit of the gateway's process is derived from the memory limit.
   */
  resources: {
    /**
     * [rolling] Amounts that the scheduler reserves, by resource name. Absent: 100m of cpu and 192Mi of memory, or the limits if they are lower.
     */
    requests?: {
      [k: string]: number | string;
    };
    /**
     * [rolling] The most that the pod can use, by resource name. Absent: 512Mi of memory, or the request if it is higher, and no limit of cpu.
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
     * [live] Highest number of connections in the whole cluster. Further ones are refused with GLOBAL_LIMIT_EXCEEDED.
     */
    maxConnections: number;
    /**
     * [live] Highest number of connections of one user in the whole cluster. Further ones are refused with CONNECTION_LIMIT_EXCEEDED.
     */
    maxConnectionsPerUser: number;
    /**
     * [live] Highest number of rooms of one user in the whole cluster. Further ones are refused with ROOM_LIMIT_EXCEEDED.
     */
    maxRoomsPerUser: number;
    /**
     * [live] Highest number of events that one user can send per minute, in the whole cluster. Further ones are refused with RATE_LIMIT_EXCEEDED.
     */
    maxEventsPerMinute: number;
    /**
     * [live] Highest number of bytes of one message. A larger message is refused with MESSAGE_TOO_LARGE. A message that is much larger closes the connection.
     */
    maxMessageBytes: number;
    /**
     * [live] Highest number of handshakes from one IP address in 15 minutes. Further ones are refused with ADDRESS_LIMIT_EXCEEDED.
     */
    maxConnectionsPerAddress: number;
    /**
     * [live] Highest number of bytes that wait to be sent to one client. If a client reads so slowly that more would wait, its connection is closed.
     */
    maxQueuedBytes: number;
  };
  /**
   * [live] Origins that are allowed to connect, in addition to the exposed host: origins of pages, and of apps such as capacitor://localhost, file:// and "null". The header Origin of a handshake must be equal to one of them. "*" allows all origins. Clients that send no Origin are accepted.
   */
  origins: string[];
  /**
   * [rolling] The transports with which clients can connect. With polling, the load balancer must send all requests of a client to one pod.
   */
  transports: ("websocket" | "polling")[];
  /**
   * [rolling] Which clients are allowed to connect.
   */
  auth: {
    /**
     * [rolling] JWT: only clients with a valid token are accepted. None: every client is accepted, and the condition ConfigurationWarning says so.
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
         * [rolling] Key of the Secret's data. Its value is the signing key and must have at least 32 bytes. To rotate the signing key, write the new and the old one on separate lines: tokens of both are accepted.
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
   * [rolling] The Redis that connects the gateway pods to one cluster.
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
       * [rolling] Number of independent Redis instances. With 2, messages still reach other pods while one instance is down. The limits are counted only in the first instance.
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
         * [rolling] The most that Redis can use, by resource name. Absent: 256Mi of memory, or the request if it is higher. The setting maxmemory of Redis is three quarters of the memory limit.
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
     * [rolling] A Redis that you run yourself.
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
         * [rolling] Key of the Secret's data. Its value is a redis:// or rediss:// URL, or a URL for Sentinels or a Cluster (docs/server.md).
         */
        key: string;
      };
      /**
       * [rolling] Certificates for a URL that begins with rediss. When a certificate in the same Secret is renewed, new connections to Redis use it, and nothing restarts.
       */
      tls?: {
        /**
         * [rolling] Secret with the certificates of the CAs that gateways trust for Redis, in this namespace. Absent: they trust the public CAs.
         */
        caSecret?: {
          /**
           * [rolling] Name of the Secret.
           */
          name: string;
          /**
           * [rolling] Key of the Secret's data. Its value is in PEM form.
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
       * [cluster] Secret with the certificate. cert-manager can create it.
       */
      secretName: string;
    };
    /**
     * [cluster] Settings of the Ingress.
     */
    ingress?: {
      /**
       * [cluster] IngressClass. Absent: the default of the Kubernetes cluster.
       */
      className?: string;
      /**
       * [rolling] The ingress controller that serves the IngressClass. The operator adds the annotations for session affinity and timeouts that this controller needs. Generic: it adds none. Only a change from or to GKE replaces pods, because the default of spec.trustedProxies then changes. If spec.trustedProxies has a list, no pod is replaced.
       */
      controller: "Generic" | "Traefik" | "HAProxy" | "HAProxyIngress" | "F5Nginx" | "IngressNginx" | "ALB" | "GKE" | "Contour";
      /**
       * [cluster] Additional annotations of the Ingress. They replace the operator's annotations with the same key.
       */
      annotations?: {
        [k: string]: string;
      };
      /**
       * [cluster] Additional annotations of the Service, from which some controllers read their settings. They replace the operator's annotations with the same key.
       */
      serviceAnnotations?: {
        [k: string]: string;
      };
    };
    /**
     * [cluster] Settings of the HTTPRoute.
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
         * [cluster] Name of one listener of the Gateway. Absent: the route uses all listeners that accept it.
         */
        sectionName?: string;
        /**
         * [cluster] The route uses only listeners of the Gateway on this port. Absent: any port.
         */
        port?: number;
      }[];
    };
  };
  /**
   * [rolling] Proxies from which gateways accept the client's IP address, in the header X-Forwarded-For. An entry is a network in CIDR notation, one of the names private, gke and cloudflare, or +N for N more proxies in front of these. A single number means this many proxies. Empty: private networks if the cluster is exposed (with controller GKE also Google's networks), and otherwise no proxy.
   */
  trustedProxies: string[];
  /**
   * [live] How a pod that stops moves its connections to other pods.
   */
  drain: {
    /**
     * [live] How many connections all draining pods of the cluster together move per second.
     */
    connectionsPerSecond: number;
    /**
     * [rolling] Seconds that a pod has to move its connections. The termination grace period of the pod is 30 s longer.
     */
    timeoutSeconds: number;
  };
  /**
   * [live] The age at which a connection is moved to another pod, 10 % more or less. Connections are moved at the rate of spec.drain.connectionsPerSecond. Use this with a load balancer that spreads connections evenly only while clients reconnect. 0: no connection is moved because of its age.
   */
  maxConnectionAgeSeconds: number;
  /**
   * [live] Recovery of clients that reconnect: they are in their rooms again and get the messages that they missed.
   */
  recovery: {
    /**
     * [live] A client that reconnects within this time is in its rooms again and gets every message that it missed. 0 turns recovery off, and ends the sessions of clients that are not connected.
     */
    windowSeconds: number;
    /**
     * [rolling] Size of the recent messages that each gateway and Redis keep for clients that return. When they are larger, the oldest are dropped, so clients have less time to return than windowSeconds. A larger size needs more memory in each gateway and in Redis.
     */
    maxBytes: number | string;
    /**
     * [live] If a client reconnects within this time, it has not left its rooms: the other members get no user_left. A value above windowSeconds acts like windowSeconds.
     */
    presenceGraceSeconds: number;
  };
  /**
   * [live] HTTP services of the application (docs/handlers.md). They answer the application's own events, and the gateway asks them before some of its decisions. If two entries match an event, the first entry gets it.
   */
  handlers: {
    /**
     * [live] Name of the handler in conditions, logs and metrics.
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
     * [live] When the gateway calls this handler: before it lets a client connect (connect), enter a room (join) or send a message (publish), and after clients have left (gone).
     */
    hooks: ("connect" | "join" | "publish" | "gone")[];
    /**
     * [live] The longest time of a request to the handler. After this time, the client gets HANDLER_UNAVAILABLE.
     */
    timeoutMilliseconds: number;
    /**
     * [live] Highest number of requests from one gateway to the handler at the same time. Further requests wait in a bounded queue.
     */
    maxInFlight: number;
    /**
     * [live] PerClient: the events of one client reach the handler one after another. None: they can reach it in another order.
     */
    order: "PerClient" | "None";
    /**
     * [live] What the gateway does when a hook gets no valid answer from the handler: it refuses or allows what the client wants to do.
     */
    onFailure: "Refuse" | "Allow";
    /**
     * [live] True: the handler recognizes a repeated request by its id, so the gateway sends a failed request once more.
     */
    idempotent: boolean;
  }[];
  /**
   * [rolling] How new gateways replace old ones.
   */
  rollout: {
    /**
     * [rolling] OneByOne: one new gateway starts, one old gateway moves its connections, and so on. Some connections move several times. AllAtOnce: all new gateways start, and then all old gateways move their connections, so each connection moves once. AllAtOnce needs room for twice as many pods, and every drain begins 10 s later.
     */
    strategy: "OneByOne" | "AllAtOnce";
  };
  /**
   * [cluster] Moves connections to new gateways after a scale-up.
   */
  rebalance: {
    /**
     * [cluster] AfterScaleUp: gateways with more connections than the mean move some of them to the new gateways, at the rate of spec.drain, until all gateways have about the same number. Absent: AfterScaleUp if recovery is on and spec.transports has no polling, and otherwise Off.
     */
    mode?: "AfterScaleUp" | "Off";
    /**
     * [cluster] By how many percent a gateway's number of connections can differ from the mean before connections are moved.
     */
    tolerancePercent: number;
  };
  /**
   * [cluster] Adapts the number of gateway pods to the number of connections. Absent: spec.replicas sets the number of pods.
   */
  autoscaling?: {
    /**
     * [cluster] HPA: a HorizontalPodAutoscaler that reads the pods' custom metric realtime_connections. KEDA: a ScaledObject that asks Prometheus.
     */
    type: "HPA" | "KEDA";
    /**
     * [cluster] Lowest number of gateway pods.
     */
    minReplicas: number;
    /**
     * [cluster] Highest number of gateway pods.
     */
    maxReplicas: number;
    /**
     * [cluster] A pod is added when the mean number of connections per pod is above this number.
     */
    connectionsPerPod: number;
    /**
     * [cluster] URL of the Prometheus that KEDA asks, for example http://prometheus.monitoring:9090.
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
         * [cluster] Name of the TriggerAuthentication or ClusterTriggerAuthentication.
         */
        name: string;
        /**
         * [cluster] Which of the two kinds it is. A TriggerAuthentication must be in this namespace.
         */
        kind: "TriggerAuthentication" | "ClusterTriggerAuthentication";
      };
      /**
       * [cluster] How KEDA sends the credentials to Prometheus. Absent: the TriggerAuthentication decides, for example with pod identity.
       */
      authModes?: ("bearer" | "basic" | "tls" | "custom")[];
      /**
       * [cluster] HTTP headers that KEDA sends to Prometheus, for example X-Scope-OrgID for a tenant of Mimir. Do not put credentials here: use authenticationRef.
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
   * [cluster] Objects for Prometheus and Grafana. Their CustomResourceDefinitions can be installed later.
   */
  monitoring: {
    /**
     * [cluster] A ServiceMonitor, by which prometheus-operator scrapes the gateways.
     */
    serviceMonitor: {
      /**
       * [cluster] True: the operator creates the ServiceMonitor.
       */
      enabled: boolean;
      /**
       * [cluster] Labels of the ServiceMonitor and the PrometheusRule, by which your Prometheus selects them.
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
     * [cluster] A PrometheusRule with alerts. With the ServiceMonitor, the alerts select metrics by the labels namespace and service, which it sets. Without it, they use the labels namespace and pod, which your own scrape must set. With spec.replicas 0, there is no alert about missing gateways.
     */
    prometheusRule: {
      /**
       * [cluster] True: the operator creates the PrometheusRule.
       */
      enabled: boolean;
    };
    /**
     * [cluster] A Grafana dashboard in a ConfigMap with the label grafana_dashboard.
     */
    dashboard: {
      /**
       * [cluster] True: the operator creates the ConfigMap.
       */
      enabled: boolean;
    };
  };
  /**
   * [cluster] Which pods are allowed to connect to gateways and Redis, and where gateways are allowed to connect to.
   */
  networkPolicy: {
    /**
     * [cluster] True: only gateways can connect to Redis. Only the operator and the peers in privateFrom can connect to the private port of gateways.
     */
    enabled: boolean;
    /**
     * [cluster] NetworkPolicy peers that are allowed to connect to the private port (metrics, publishing). Absent: every pod of the Kubernetes cluster. The admin API requires its token in any case.
     */
    privateFrom?: {
      [k: string]: unknown;
    }[];
    /**
     * [cluster] Open: the operator does not restrict outgoing connections of gateways. Restricted: gateways can connect only to DNS, the managed Redis, token issuers and handlers. NetworkPolicies add up: allow an external Redis and a trace collector with a policy of your own.
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
   * URL at which clients connect.
   */
  url?: string;
  /**
   * Numbers of client connections, rounded to two significant digits.
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
     * Number of connections that the draining pods still have, rounded.
     */
    connectionsLeft?: number;
    /**
     * Seconds until the draining pods have moved all connections at the rate of spec.drain.connectionsPerSecond, or until the deadline of spec.drain.timeoutSeconds, rounded.
     */
    secondsLeft?: number;
  };
  /**
   * How long messages are kept for clients that return. Absent when recovery is off or no gateway has reported.
   */
  recovery?: {
    /**
     * The promised time: spec.recovery.windowSeconds.
     */
    promisedSeconds?: number;
    /**
     * How long messages are really kept, in the gateway with the shortest time. Rounded down to tenths of promisedSeconds. Shorter than promised when spec.recovery.maxBytes is too small.
     */
    heldSeconds?: number;
  };
  /**
   * The last rebalance after a scale-up.
   */
  rebalance?: {
    /**
     * Number of gateways when the operator last compared their connections.
     */
    gateways: number;
    /**
     * Number of connections that the rebalance has moved.
     */
    moved?: number;
    /**
     * Number of connections that the rebalance still has to move.
     */
    left?: number;
  };
  /**
   * Newer images that running pods do not have yet, because spec.upgrade is Manual. Absent when all pods have the images and pod templates of the operator's release.
   */
  upgrade?: {
    /**
     * Image that gateways get when spec.upgrade becomes Automatic.
     */
    gatewayImage?: string;
    /**
     * Image that Redis gets when spec.upgrade becomes Automatic.
     */
    redisImage?: string;
  };
  /**
   * Ready Available Progressing Degraded ConfigurationAccepted ConfigurationWarning LimitsApplied LimitsExact IssuersReady RedisReady ExposureReady MonitoringReady AutoscalingActive Draining Rebalancing UpToDate ReconciliationPaused
   */
  conditions?: {
    /**
     * Name of the condition.
     */
    type: string;
    /**
     * Whether the condition is true.
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

// Made from crds/realtimeclusters.yaml by "make generate": edit that file instead.
/**
 * [cluster] What is wanted. Everything has a default but the key that tokens are checked with.
 */
export interface RealtimeClusterSpec {
  /**
   * [cluster] Gateway pods. kubectl scale and autoscalers may write it; not used while spec.autoscaling is set.
   */
  replicas: number;
  /**
   * [rolling] Image of the gateway. Empty: the release that belongs to the operator; spec.upgrade says when it follows a newer one.
   */
  image: string;
  /**
   * [rolling] What an upgrade of the operator brings to gateways and Redis that run. Manual: nothing; they stay with the images and pod templates they have until this says Automatic. Automatic: those of the operator's release. Absent: as the operator was told (value upgrade of its chart, Manual by default).
   */
  upgrade?: "Manual" | "Automatic";
  /**
   * [rolling] When the image is pulled.
   */
  imagePullPolicy: "Always" | "IfNotPresent" | "Never";
  /**
   * [rolling] Secrets of this namespace with which the images of gateway and Redis are pulled.
   */
  imagePullSecrets?: {
    /**
     * [rolling] Name of the Secret.
     */
    name: string;
  }[];
  /**
   * [rolling] CPU and memory of a gateway pod. The heap of the process follows the memory limit.
   */
  resources: {
    /**
     * [rolling] What the scheduler sets aside, by resource name. Absent: 100m of cpu and 192Mi of memory, or the limits where they are less.
     */
    requests?: {
      [k: string]: number | string;
    };
    /**
     * [rolling] What the pod may use at most, by resource name. Absent: 512Mi of memory, or the request where that is more, and no limit of cpu.
     */
    limits?: {
      [k: string]: number | string;
    };
  };
  /**
   * [live] What clients may use. An edit reaches running pods within seconds and closes no connection.
   */
  limits: {
    /**
     * [live] Connections in the whole cluster. More are refused with GLOBAL_LIMIT_EXCEEDED.
     */
    maxConnections: number;
    /**
     * [live] Connections of one user in the whole cluster. More are refused with CONNECTION_LIMIT_EXCEEDED.
     */
    maxConnectionsPerUser: number;
    /**
     * [live] Rooms one user may be in, in the whole cluster. More are refused with ROOM_LIMIT_EXCEEDED.
     */
    maxRoomsPerUser: number;
    /**
     * [live] Events one user may send a minute, in the whole cluster. More are refused with RATE_LIMIT_EXCEEDED.
     */
    maxEventsPerMinute: number;
    /**
     * [live] Bytes of one message. A bigger one is refused with MESSAGE_TOO_LARGE, a much bigger one ends the connection.
     */
    maxMessageBytes: number;
    /**
     * [live] Handshakes of one client address per 15 minutes. More are refused with ADDRESS_LIMIT_EXCEEDED.
     */
    maxConnectionsPerAddress: number;
    /**
     * [live] Bytes that may wait to be sent to one connection. A client that reads more slowly is cut.
     */
    maxQueuedBytes: number;
  };
  /**
   * [live] Origins that may connect besides the exposed host, compared exactly at every handshake: of pages, and of apps such as capacitor://localhost, file:// and "null". "*" allows all. Clients that send no Origin are let in.
   */
  origins: string[];
  /**
   * [rolling] How clients may connect. With polling the load balancer must keep a client on one pod.
   */
  transports: ("websocket" | "polling")[];
  /**
   * [rolling] Who may connect.
   */
  auth: {
    /**
     * [rolling] JWT: tokens are checked. None: everybody is let in, which the condition ConfigurationWarning says.
     */
    type: "JWT" | "None";
    /**
     * [rolling] How tokens are checked.
     */
    jwt?: {
      /**
       * [rolling] Secret with the HS256 key, in this namespace. A changed Secret replaces the pods one after another.
       */
      secret?: {
        /**
         * [rolling] Name of the Secret.
         */
        name: string;
        /**
         * [rolling] Key in the Secret; its value has at least 32 bytes. Several keys on lines of their own are all valid, which is how one is rotated.
         */
        key: string;
      };
      /**
       * [rolling] Issuers whose signed tokens are let in.
       */
      issuers?: {
        /**
         * [rolling] The token's iss. A slash at its end makes no difference.
         */
        issuer: string;
        /**
         * [rolling] What the token's aud must be, or hold.
         */
        audience?: string;
        /**
         * [rolling] What the token's azp, client_id, cid or appid must be, for providers whose tokens have no aud. docs/tokens.md has each provider's.
         */
        clientId?: string;
        /**
         * [rolling] The claim that lists the rooms: its name, or a path with dots. Absent: rooms.
         */
        roomsClaim?: string;
        /**
         * [rolling] Where the issuer's public keys are.
         */
        jwksURL: string;
      }[];
    };
    /**
     * [live] Claims: a token lists the rooms it may enter, with * patterns. Open: any user who is let in may enter any room.
     */
    rooms: "Claims" | "Open";
  };
  /**
   * [rolling] What joins the pods to one cluster.
   */
  redis: {
    /**
     * [rolling] Managed: the operator runs Redis. External: yours. None: one pod, state in its memory.
     */
    type: "Managed" | "External" | "None";
    /**
     * [rolling] The Redis the operator runs.
     */
    managed?: {
      /**
       * [rolling] Independent Redis instances. With 2 the bus goes on when one of them is away; limits live in the first.
       */
      replicas: number;
      /**
       * [cluster] Size of each volume. It can only grow, and only where the StorageClass allows it.
       */
      storage: number | string;
      /**
       * [immutable] StorageClass of the volume. Absent: the default of the Kubernetes cluster.
       */
      storageClassName?: string;
      /**
       * [rolling] Image with redis-server and redis-cli. Empty: the one the operator was installed with.
       */
      image: string;
      /**
       * [cluster] What becomes of the volumes when the cluster is deleted, or gives its Redis up for another type.
       */
      dataPolicy: "Retain" | "Delete";
      /**
       * [rolling] CPU and memory of Redis.
       */
      resources: {
        /**
         * [rolling] What the scheduler sets aside, by resource name. Absent: 50m of cpu and 64Mi of memory, or the limits where they are less.
         */
        requests?: {
          [k: string]: number | string;
        };
        /**
         * [rolling] What Redis may use at most, by resource name. Absent: 256Mi of memory, or the request where that is more. Its maxmemory is three quarters of it.
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
       * [rolling] Secret with the URL, in this namespace. A changed Secret replaces the pods one after another.
       */
      urlSecret: {
        /**
         * [rolling] Name of the Secret.
         */
        name: string;
        /**
         * [rolling] Key in the Secret; its value is a redis:// or rediss:// URL or one of the Sentinel and Cluster forms.
         */
        key: string;
      };
      /**
       * [rolling] Certificates for a URL that begins with rediss. Renewed ones in the same Secrets are used from the next connection to Redis on; nothing restarts.
       */
      tls?: {
        /**
         * [rolling] Secret with the certificates of the authorities that sign Redis' certificates, in this namespace. Absent: the public authorities.
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
         * [rolling] Secret of type kubernetes.io/tls with the client certificate (tls.crt and tls.key), in this namespace, for a Redis that asks for one.
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
     * [rolling] None: a Service only. Ingress or Gateway: a route to it. Pods are replaced when it begins or ends, because spec.trustedProxies follows it; a list there keeps them.
     */
    type: "None" | "Ingress" | "Gateway";
    /**
     * [cluster] Host name clients use.
     */
    host?: string;
    /**
     * [cluster] TLS at the ingress. Absent: plain HTTP.
     */
    tls?: {
      /**
       * [cluster] Secret with the certificate; cert-manager may fill it.
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
       * [rolling] Which controller serves that class: its annotations for affinity and timeouts are rendered. Generic: none. Pods are replaced only when it becomes or stops being GKE, because spec.trustedProxies follows it; a list there keeps them.
       */
      controller: "Generic" | "Traefik" | "HAProxy" | "HAProxyIngress" | "F5Nginx" | "IngressNginx" | "ALB" | "GKE" | "Contour";
      /**
       * [cluster] More annotations of the Ingress; they win over rendered ones.
       */
      annotations?: {
        [k: string]: string;
      };
      /**
       * [cluster] More annotations of the Service; some controllers read theirs there. They win over rendered ones.
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
       * [cluster] Gateways the route is attached to.
       */
      parentRefs: {
        /**
         * [cluster] Name of the Gateway.
         */
        name: string;
        /**
         * [cluster] Its namespace. Absent: this one.
         */
        namespace?: string;
        /**
         * [cluster] One listener of it. Absent: all that fit.
         */
        sectionName?: string;
        /**
         * [cluster] Listeners on this port only.
         */
        port?: number;
      }[];
    };
  };
  /**
   * [rolling] Proxies whose X-Forwarded-For is trusted: networks in CIDR notation, their names private, gke and cloudflare, and +N for N more proxies before these. One number alone is that many proxies. Empty: private networks when the cluster is exposed, with those of Google for controller GKE; none otherwise.
   */
  trustedProxies: string[];
  /**
   * [live] How connections leave a pod that stops.
   */
  drain: {
    /**
     * [live] Connections moved a second in the whole cluster, shared by all draining pods.
     */
    connectionsPerSecond: number;
    /**
     * [rolling] Time a pod has to move its connections. Its grace period is 30 s more.
     */
    timeoutSeconds: number;
  };
  /**
   * [cluster] Pods follow the number of connections. Absent: spec.replicas counts.
   */
  autoscaling?: {
    /**
     * [cluster] HPA: a HorizontalPodAutoscaler on the custom metric realtime_connections of pods. KEDA: a ScaledObject that asks Prometheus.
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
     * [cluster] Connections of a pod at which another one is added.
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
         * [cluster] Its name.
         */
        name: string;
        /**
         * [cluster] Its kind. A TriggerAuthentication is in this namespace.
         */
        kind: "TriggerAuthentication" | "ClusterTriggerAuthentication";
      };
      /**
       * [cluster] How the credentials are sent. Absent: as the TriggerAuthentication says, for example by pod identity.
       */
      authModes?: ("bearer" | "basic" | "tls" | "custom")[];
      /**
       * [cluster] Headers of the query, for example X-Scope-OrgID for a tenant of Mimir. For credentials use authenticationRef.
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
   * [cluster] Objects for Prometheus and Grafana. Their CRDs may come later.
   */
  monitoring: {
    /**
     * [cluster] Have prometheus-operator scrape the gateways.
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
     * [cluster] Alerts. They select series by the labels namespace and service, as the ServiceMonitor sets them; a scrape of your own must set them too. A cluster with spec.replicas 0 has no alert about missing gateways.
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
   * [cluster] Who may speak to whom inside of Kubernetes.
   */
  networkPolicy: {
    /**
     * [cluster] Only gateways reach Redis; only scrapers, publishers and the operator reach the private port of gateways.
     */
    enabled: boolean;
    /**
     * [cluster] NetworkPolicy peers that may reach the private port (metrics, publishing). Absent: every pod of the Kubernetes cluster; the API asks for its token all the same.
     */
    privateFrom?: {
      [k: string]: unknown;
    }[];
  };
  /**
   * [rolling] Labels of every object the operator makes for this cluster, pods and volume claims included, for example labels that an admission policy requires.
   */
  labels?: {
    [k: string]: string;
  };
  /**
   * [rolling] Annotations of every object the operator makes for this cluster, pods and volume claims included. More specific annotations, such as those of spec.exposure.ingress, win over them.
   */
  annotations?: {
    [k: string]: string;
  };
  /**
   * [rolling] Strategic merge patch for the pod template of gateways: metadata and spec as in a Pod. Its content is checked only when the Deployment is written.
   */
  podPatch?: {
    [k: string]: unknown;
  };
  /**
   * [cluster] The operator looks and reports, and changes nothing.
   */
  paused: boolean;
}

/**
 * What is.
 */
export interface RealtimeClusterStatus {
  /**
   * Generation of the spec this status speaks of; -1 before the first look.
   */
  observedGeneration?: number;
  /**
   * Gateway pods there are, terminating ones not counted.
   */
  replicas?: number;
  /**
   * Gateway pods that take new connections.
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
     * In the whole cluster.
     */
    total?: number;
    /**
     * Pod with the most.
     */
    mostLoadedPod?: string;
    /**
     * Pod with the fewest.
     */
    leastLoadedPod?: string;
  };
  /**
   * Pods that are giving up their connections. Absent when none is.
   */
  drain?: {
    /**
     * Pods that drain.
     */
    pods?: number;
    /**
     * Connections they still have, rounded.
     */
    connectionsLeft?: number;
    /**
     * Seconds until they are empty at the rate of spec.drain.connectionsPerSecond, rounded.
     */
    secondsLeft?: number;
  };
  /**
   * Images that wait for spec.upgrade Automatic. Absent when all pods have the images and pod templates of the operator's release.
   */
  upgrade?: {
    /**
     * The one gateways would get.
     */
    gatewayImage?: string;
    /**
     * The one Redis would get.
     */
    redisImage?: string;
  };
  /**
   * Ready Available Progressing Degraded ConfigurationAccepted ConfigurationWarning LimitsApplied LimitsExact IssuersReady RedisReady ExposureReady MonitoringReady AutoscalingActive Draining UpToDate ReconciliationPaused
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
     * Generation of the spec it speaks of.
     */
    observedGeneration?: number;
    /**
     * When the status last changed.
     */
    lastTransitionTime: string;
    /**
     * One word for programs.
     */
    reason: string;
    /**
     * A sentence for people.
     */
    message: string;
  }[];
}

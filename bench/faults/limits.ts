/** High limits: the gateway does the work of enforcing them, and no client ever reaches them. */
export const wideLimits = {
  WS_MAX_CONNECTIONS_PER_USER: "1000",
  WS_MAX_GLOBAL_CONNECTIONS: "100000",
  WS_MAX_ROOMS_PER_USER: "1000",
  WS_RATE_LIMIT_EVENTS_PER_MINUTE: "1000000",
  WS_MAX_CONNECTIONS_PER_ADDRESS: "10000000",
};

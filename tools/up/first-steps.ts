import { EXAMPLE } from "../../testkit/cluster/example.ts";
import type { UpState } from "../../testkit/cluster/up-state.ts";

/** A text that says how to reach the cluster and what to try first. `make up` and `make status` print it. */
export function firstSteps(state: UpState, token: string): string {
  const { namespace, name, host } = EXAMPLE;
  const path = state.kubectl.replace(/\/?kubectl$/, "") || ".";
  return `  URL         http://${host} (no DNS: connect to ${state.ingressAddress} and name the host, as below)
  namespaces  /events and /messaging
  token       ${token}
              (for another user: make token SUB=alice ROOMS="team-7,case:*")
  kubeconfig  export KUBECONFIG=${state.kubeconfig} PATH=${path}:$PATH

A client for Node (npm install socket.io-client):

  import { io } from "socket.io-client";
  const socket = io("http://${state.ingressAddress}/messaging", {
    transports: ["websocket"],
    extraHeaders: { Host: "${host}" },
    auth: { token: "${token}" },
  });
  socket.on("message", (message) => console.log(message));
  await socket.emitWithAck("join_room", { room: "team-7" });
  await socket.emitWithAck("send_message", { room: "team-7", message: "hello" });

Next:

  kubectl -n ${namespace} get rtc,pods                   what the operator created from examples/minimal
  kubectl -n ${namespace} scale rtc/${name} --replicas=3   a third gateway; clients stay connected
  kubectl -n ${namespace} edit rtc/${name}                 change spec.limits: running pods follow, nobody is disconnected

make status shows this again, make down removes everything.`;
}

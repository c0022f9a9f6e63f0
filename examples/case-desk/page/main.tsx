import { realtime } from "@realtime-operator/client";
import { RealtimeProvider } from "@realtime-operator/client/react";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import { fetchToken } from "./backend.ts";

const me = new URLSearchParams(location.search).get("user") ?? "ada";
const client = realtime(location.origin, { token: () => fetchToken(me) });

createRoot(document.getElementById("app")!).render(
  <StrictMode>
    <RealtimeProvider client={client}>
      <App me={me} />
    </RealtimeProvider>
  </StrictMode>,
);

import { useEffect, useState, useSyncExternalStore, type ReactNode } from "react";
import type { Case } from "../backend/case.ts";
import { fetchCases } from "./backend.ts";
import { Banner } from "./banner.tsx";
import { CaseRow } from "./case-row.tsx";
import { CaseView } from "./case-view.tsx";

export function App({ me }: { me: string }): ReactNode {
  const [cases, setCases] = useState<readonly Case[]>([]);
  const openId = useHash() || cases[0]?.id;
  useEffect(() => {
    const abort = new AbortController();
    fetchCases(abort.signal).then(setCases, () => undefined);
    return () => abort.abort();
  }, []);
  const other = me === "ada" ? "bo" : "ada";
  return (
    <>
      <header>
        <h1>Case desk</h1>
        <p>
          You are <strong>{me}</strong>.{" "}
          <a href={`?user=${other}#${openId ?? ""}`} target="_blank" rel="noreferrer">
            Open a page as {other}
          </a>
        </p>
      </header>
      <Banner />
      <div className="desk">
        <nav aria-label="Cases">
          <ul>
            {cases.map(({ id }) => (
              <CaseRow key={id} caseId={id} isOpen={id === openId} />
            ))}
          </ul>
        </nav>
        <main>{cases.some(({ id }) => id === openId) && <CaseView key={openId} caseId={openId!} me={me} />}</main>
      </div>
    </>
  );
}

/** The id of the open case is the hash of the address. */
function useHash(): string {
  return useSyncExternalStore(onHashChange, () => location.hash.slice(1));
}

function onHashChange(changed: () => void): () => void {
  addEventListener("hashchange", changed);
  return () => removeEventListener("hashchange", changed);
}

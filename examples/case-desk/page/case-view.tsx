import { useState, type ReactNode } from "react";
import type { CaseStatus } from "../backend/case.ts";
import { postUpdate } from "./backend.ts";
import { Chat } from "./chat.tsx";
import { Time } from "./time.tsx";
import { useLiveCase } from "./use-live-case.ts";
import { usePeople } from "./use-people.ts";

interface CaseViewProps {
  caseId: string;
  me: string;
}

export function CaseView({ caseId, me }: CaseViewProps): ReactNode {
  const item = useLiveCase(caseId);
  const people = usePeople(caseId, me);
  const [problem, setProblem] = useState("");
  if (item === undefined) return <p className="empty">Loading the case…</p>;
  const { status } = item.log.at(-1)!;
  const change = (next: CaseStatus): void => {
    setProblem("");
    postUpdate(caseId, next, `${me} set the status to ${next}`).catch((error: unknown) => setProblem(String(error)));
  };
  return (
    <>
      <div className="case-head">
        <h2>{item.title}</h2>
        <p>
          Case {caseId}, {item.customer}
        </p>
        <label>
          Status{" "}
          <select value={status} onChange={({ target }) => change(target.value as CaseStatus)}>
            <option value="open">open</option>
            <option value="waiting">waiting</option>
            <option value="solved">solved</option>
          </select>
        </label>
        {problem !== "" && <p role="alert">The status was not changed. {problem}</p>}
        <People names={people} />
      </div>
      <Chat caseId={caseId} me={me} />
      <section className="updates" aria-labelledby="updates">
        <h3 id="updates">Updates</h3>
        <ol className="scroll" tabIndex={0} aria-labelledby="updates">
          {item.log.toReversed().map(({ version, at, text }) => (
            <li key={version}>
              <p>{text}</p>
              <Time at={at} />
            </li>
          ))}
        </ol>
      </section>
    </>
  );
}

function People({ names }: { names: readonly string[] }): ReactNode {
  return (
    <ul className="people" aria-label="People in this case">
      <li>you</li>
      {names.map((name) => (
        <li key={name}>{name}</li>
      ))}
    </ul>
  );
}

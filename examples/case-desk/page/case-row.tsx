import type { ReactNode } from "react";
import { useLiveCase } from "./use-live-case.ts";

export function CaseRow({ caseId, isOpen }: { caseId: string; isOpen: boolean }): ReactNode {
  const item = useLiveCase(caseId);
  const last = item?.log.at(-1);
  if (item === undefined || last === undefined) return null;
  return (
    <li>
      <a href={`#${caseId}`} aria-current={isOpen}>
        <span className="title">{item.title}</span>
        <span className={`pill ${last.status}`}>{last.status}</span>
        <span className="last">{last.text}</span>
      </a>
    </li>
  );
}

import { useEffect, useRef, useState, type FormEvent, type ReactNode } from "react";
import { Time } from "./time.tsx";
import { useMessages, WAITING, type ShownMessage } from "./use-messages.ts";
import { useTyping } from "./use-typing.ts";

export function Chat({ caseId, me }: { caseId: string; me: string }): ReactNode {
  const { messages, isLoading, send, retry } = useMessages(caseId, me);
  const { typing, sayTyping, endTyping } = useTyping(caseId, me);
  const [draft, setDraft] = useState("");
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (list.current !== null) list.current.scrollTop = list.current.scrollHeight;
  }, [messages]);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const text = draft.trim();
    if (text === "") return;
    send(text);
    endTyping();
    setDraft("");
  };
  return (
    <section className="chat" aria-labelledby="chat">
      <h3 id="chat">Chat</h3>
      <div className="scroll" ref={list} role="log" aria-label="Messages" tabIndex={0}>
        <ol>
          {messages.map((message) => (
            <Message key={message.id} message={message} isMine={message.by === me} retry={retry} />
          ))}
        </ol>
        {messages.length === 0 && !isLoading && <p className="empty">No messages yet</p>}
      </div>
      <p className="hint">{hintOf(isLoading, typing)}</p>
      <form onSubmit={submit}>
        <input
          aria-label="Message"
          placeholder="Write a message"
          maxLength={2_000}
          value={draft}
          onChange={({ target }) => {
            setDraft(target.value);
            sayTyping();
          }}
        />
        <button>Send</button>
      </form>
    </section>
  );
}

function hintOf(isLoading: boolean, typing: readonly string[]): string {
  if (isLoading) return "Loading the messages…";
  if (typing.length === 0) return "";
  return `${typing.join(" and ")} ${typing.length === 1 ? "is" : "are"} typing…`;
}

interface MessageProps {
  message: ShownMessage;
  isMine: boolean;
  retry: (message: ShownMessage) => void;
}

function Message({ message, isMine, retry }: MessageProps): ReactNode {
  const { by, text, at, problem } = message;
  const isFailed = problem !== undefined && problem !== WAITING;
  return (
    <li className={isMine ? "mine" : ""}>
      <span className="by">{isMine ? "you" : by}</span> <Time at={at} />
      <p>{text}</p>
      {problem === WAITING && <span className="state">sending…</span>}
      {isFailed && (
        <span className="state failed">
          Not sent ({problem}) <button onClick={() => retry(message)}>Try again</button>
        </span>
      )}
    </li>
  );
}

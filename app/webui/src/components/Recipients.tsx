import { useState } from "react";
import type { Message } from "../api/types";
import { plainName } from "../lib/text";
import { Chip } from "./Chip";

/** More chips than this are folded. */
const SHOWN = 12;

/** A chip for each recipient of a broadcast. */
export function Recipients({ messages }: { messages: Message[] }) {
  const [isOpen, setOpen] = useState(false);
  const acknowledged = messages.filter((message) => message.status === "completed").length;
  const shown = isOpen ? messages : messages.slice(0, SHOWN);
  const names = new Map<string, number>();
  for (const { to_agent_name } of messages) names.set(to_agent_name, (names.get(to_agent_name) ?? 0) + 1);
  return (
    <div className="flex flex-wrap items-center gap-x-3">
      {shown.map((message) => {
        const name = plainName(message.to_agent_name);
        const isSame = (names.get(message.to_agent_name) ?? 0) > 1;
        return <Chip key={message.task_id} message={message} name={isSame ? `${name}#${message.to_agent_id}` : name} />;
      })}
      {messages.length > shown.length && (
        <button type="button" className="text-2xs text-accent hover:underline" onClick={() => setOpen(true)}>
          {messages.length - shown.length} more
        </button>
      )}
      <span className="text-2xs text-muted tabular-nums">
        {acknowledged} of {messages.length} acknowledged
      </span>
    </div>
  );
}

import { useQueryClient } from "@tanstack/react-query";
import { Check, Inbox } from "lucide-react";
import { useState } from "react";
import { reason } from "../api/client";
import { acknowledge, keys } from "../api/queries";
import type { Message } from "../api/types";
import { addLive, type Live, nothingLive } from "../lib/messages";

/** Stands at a message that waits for the person, who is done with it by one press. */
export function ForYou({ fleetId, message }: { fleetId: number; message: Message }) {
  const client = useQueryClient();
  const [problem, setProblem] = useState<string | null>(null);
  const [isSending, setSending] = useState(false);
  const done = async () => {
    setSending(true);
    setProblem(null);
    try {
      const { task_id, ...patch } = await acknowledge(fleetId, message.task_id);
      client.setQueryData<Live>(keys.live(fleetId), (known) => addLive(known ?? nothingLive, [], [[task_id, patch]]));
      void client.invalidateQueries({ queryKey: keys.agents(fleetId) });
    } catch (error) {
      setProblem(reason(error));
    }
    setSending(false);
  };
  return (
    <span data-progress="for-you" className="mt-0.5 flex flex-wrap items-center gap-2 text-2xs text-warn">
      <Inbox size={13} aria-hidden />
      waits for you
      <button type="button" className="control min-h-7 text-xs" disabled={isSending} onClick={() => void done()}>
        <Check size={13} aria-hidden />
        Mark done
      </button>
      {problem && (
        <span role="alert" className="text-danger">
          Not done: {problem}
        </span>
      )}
    </span>
  );
}

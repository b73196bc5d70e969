import { useCallback, useMemo, useRef, useState } from "react";
import { reason } from "../api/client";
import { sendMessage } from "../api/queries";
import type { Message } from "../api/types";
import type { Addressee } from "./mention";
import { notYetShown, type Outgoing } from "./outbox";

/**
 * What a send says in the end: null when the server has the message, else why not. Then the message is to be discarded, or
 * kept in view.
 */
export type Sent = { problem: string; discard: () => void; keep: () => void } | null;

/** Sends messages, and holds those that are not yet among the fleet's messages. */
export function useOutbox(fleetId: number, messages: readonly Message[]) {
  const [all, setAll] = useState<Outgoing[]>([]);
  const count = useRef(0);
  const change = useCallback((key: string, to: Partial<Outgoing> | null) => {
    setAll((before) =>
      before.flatMap((outgoing) => (outgoing.key !== key ? outgoing : to === null ? [] : { ...outgoing, ...to })),
    );
  }, []);
  const send = useCallback(
    async (from: number, to: Addressee | "*", body: string): Promise<Sent> => {
      count.current += 1;
      const key = `o${count.current}`;
      const outgoing = { key, to, body, state: "sending", problem: null, taskId: null } as const;
      setAll((before) => [...before, outgoing]);
      try {
        const { task_id } = await sendMessage(fleetId, from, to === "*" ? "*" : to.agent_id, body);
        change(key, { state: "stored", taskId: task_id });
        return null;
      } catch (error) {
        const problem = reason(error);
        return { problem, discard: () => change(key, null), keep: () => change(key, { state: "failed", problem }) };
      }
    },
    [change, fleetId],
  );
  const discard = useCallback((key: string) => change(key, null), [change]);
  const outbox = useMemo(() => notYetShown(all, messages), [all, messages]);
  // what the events have told is the fleet's from then on
  if (outbox.length < all.length) setAll((before) => notYetShown(before, messages));
  return { outbox, send, discard };
}

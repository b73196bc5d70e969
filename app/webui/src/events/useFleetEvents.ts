import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { keys } from "../api/queries";
import type { Message } from "../api/types";
import { addRows, type Rows } from "../lib/messages";
import { type Connection, type EventName, follow } from "./stream";

/** Keeps what is known of a fleet up to date as long as it is shown; tells how the connection is. */
export function useFleetEvents(fleetId: number): Connection {
  const client = useQueryClient();
  const [connection, setConnection] = useState<Connection>({ state: "connecting" });
  useEffect(() => {
    const batch = new Batch(client, fleetId);
    const stop = follow(fleetId, {
      onEvent: (name, data) => batch.add(name, data),
      onConnection: setConnection,
      onResumed: () => void client.invalidateQueries({ queryKey: keys.fleet(fleetId) }),
    });
    return () => {
      stop();
      batch.stop();
    };
  }, [client, fleetId]);
  return connection;
}

/** How long events are gathered: a burst is shown at once and not a hundred times. */
const GATHER = 30;

/** Gathers events and makes of them one change of what is shown. */
class Batch {
  private messages: Message[] = [];
  private readonly stale = new Set<"agents" | "monitor">();
  private timer = 0;

  constructor(
    private readonly client: QueryClient,
    private readonly fleetId: number,
  ) {}

  add(name: EventName, data: string): void {
    if (name === "monitor") this.stale.add("monitor");
    else this.stale.add("agents");
    if (name === "message" || name === "status" || name === "delivery") {
      this.messages.push(JSON.parse(data) as Message);
    }
    this.timer ||= window.setTimeout(() => this.flush(), GATHER);
  }

  stop(): void {
    window.clearTimeout(this.timer);
  }

  private flush(): void {
    this.timer = 0;
    const { client, fleetId } = this;
    if (this.messages.length > 0) {
      const more = this.messages;
      client.setQueryData<Rows>(keys.live(fleetId), (known) => addRows(known ?? new Map(), more));
    }
    for (const what of this.stale) void client.invalidateQueries({ queryKey: keys[what](fleetId) });
    this.messages = [];
    this.stale.clear();
  }
}

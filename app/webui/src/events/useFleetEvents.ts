import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { keys } from "../api/queries";
import type { Agent, Message, Monitor, Told } from "../api/types";
import { addLive, type Live, nothingLive, type Patch } from "../lib/messages";
import { type Connection, type EventName, follow } from "./stream";

/** How long events are gathered: a burst is shown at once and not a hundred times. */
const GATHER = 30;
/** How often at most the agents are asked for, for what no event tells: how many messages wait for each. */
const RECOUNT = 700;

/** Keeps what is known of a fleet up to date as long as it is shown; tells how the connection is. */
export function useFleetEvents(fleetId: number): Connection {
  const client = useQueryClient();
  const [connection, setConnection] = useState<Connection>({ state: "connecting" });
  useEffect(() => {
    const applier = new Applier(client, fleetId);
    const stop = follow(fleetId, {
      onEvent: (name, data) => applier.take(name, data),
      onConnection: setConnection,
    });
    return () => {
      stop();
      applier.stop();
    };
  }, [client, fleetId]);
  return connection;
}

/** Applies events to what is known of a fleet. */
class Applier {
  private messages: Message[] = [];
  private patches: [number, Patch][] = [];
  private gatherTimer = 0;
  private recountTimer = 0;

  constructor(
    private readonly client: QueryClient,
    private readonly fleetId: number,
  ) {}

  take(name: EventName, text: string): void {
    const told = { name, data: JSON.parse(text) as unknown } as Told;
    const { client, fleetId } = this;
    if (told.name === "ready") {
      // what was read before may lack something; what comes now will be told
      void client.invalidateQueries({ queryKey: keys.fleet(fleetId) });
    } else if (told.name === "monitor") {
      client.setQueryData<Monitor>(keys.monitor(fleetId), told.data);
    } else if (told.name === "agent") {
      const { agent, agent_id } = told.data;
      client.setQueryData<Agent[]>(keys.agents(fleetId), (agents) => agents && replaced(agents, agent_id, agent));
    } else {
      if (told.name === "message") this.messages.push(told.data);
      else {
        const { task_id, ...patch } = told.data;
        this.patches.push([task_id, patch]);
      }
      this.gatherTimer ||= window.setTimeout(() => this.show(), GATHER);
      this.recountTimer ||= window.setTimeout(() => this.recount(), RECOUNT);
    }
  }

  stop(): void {
    window.clearTimeout(this.gatherTimer);
    window.clearTimeout(this.recountTimer);
  }

  private show(): void {
    const { messages, patches } = this;
    this.gatherTimer = 0;
    this.messages = [];
    this.patches = [];
    this.client.setQueryData<Live>(keys.live(this.fleetId), (known) => addLive(known ?? nothingLive, messages, patches));
  }

  private recount(): void {
    this.recountTimer = 0;
    // a request under way goes on: in a steady stream of events none would ever end
    void this.client.invalidateQueries({ queryKey: keys.agents(this.fleetId) }, { cancelRefetch: false });
  }
}

function replaced(agents: readonly Agent[], id: number, agent: Agent | null): Agent[] {
  const others = agents.filter((other) => other.agent_id !== id);
  return agent ? [...others, agent] : others;
}

import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { keys } from "../api/queries";
import type { Agent, Message, Monitor, Told } from "../api/types";
import { addLive, type Live, nothingLive, type Patch } from "../lib/messages";
import { dropCovered } from "./dropCovered";
import { type Connection, follow } from "./stream";

/** How long events are gathered: a burst is shown at once and not a hundred times. */
const GATHER = 30;
/** How often at most is asked again for what no event tells. */
const ASK_AGAIN = 500;

/** Keeps what is known of a fleet up to date as long as it is shown; tells how the connection is. */
export function useFleetEvents(fleetId: number): Connection {
  const client = useQueryClient();
  const [connection, setConnection] = useState<Connection>({ state: "connecting" });
  useEffect(() => {
    const applier = new Applier(client, fleetId);
    const stopDropping = dropCovered(client, fleetId);
    const stop = follow(fleetId, {
      onEvent: (told) => applier.take(told),
      onConnection: setConnection,
    });
    return () => {
      stop();
      stopDropping();
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
  private askTimer = 0;
  private readonly questions = new Set<"agents" | "monitor">();

  constructor(
    private readonly client: QueryClient,
    private readonly fleetId: number,
  ) {}

  take(told: Told): void {
    const { client, fleetId } = this;
    if (told.event === "ready") {
      // what was read before may lack something; what comes now will be told
      void client.invalidateQueries({ queryKey: keys.fleet(fleetId) });
    } else if (told.event === "monitor") {
      client.setQueryData<Monitor>(keys.monitor(fleetId), told.data);
      this.outrun("monitor");
    } else if (told.event === "agent") {
      const { agent, agent_id } = told.data;
      client.setQueryData<Agent[]>(keys.agents(fleetId), (agents) => agents && replaced(agents, agent_id, agent));
      // who is gone may have gone with the whole fleet, which only an answer says
      if (!agent) this.askSoon("agents");
      else this.outrun("agents");
    } else {
      if (told.event === "message") this.messages.push(told.data);
      else {
        const { task_id, ...patch } = told.data;
        this.patches.push([task_id, patch]);
      }
      this.gatherTimer ||= window.setTimeout(() => this.show(), GATHER);
      // how many messages wait for an agent is told by no event
      this.askSoon("agents");
    }
  }

  stop(): void {
    window.clearTimeout(this.gatherTimer);
    window.clearTimeout(this.askTimer);
  }

  private show(): void {
    const { messages, patches } = this;
    this.gatherTimer = 0;
    this.messages = [];
    this.patches = [];
    this.client.setQueryData<Live>(keys.live(this.fleetId), (known) =>
      addLive(known ?? nothingLive, messages, patches),
    );
  }

  /** An answer that is on its way may be older than the event, and will be taken for newer: it is asked for again. */
  private outrun(what: "agents" | "monitor"): void {
    if (this.client.isFetching({ queryKey: keys[what](this.fleetId) }) > 0) this.askSoon(what);
  }

  private askSoon(what: "agents" | "monitor"): void {
    this.questions.add(what);
    this.askTimer ||= window.setTimeout(() => this.ask(), ASK_AGAIN);
  }

  private ask(): void {
    this.askTimer = 0;
    for (const what of [...this.questions]) {
      const queryKey = keys[what](this.fleetId);
      // what is under way goes on: in a steady stream of events no answer would ever come
      if (this.client.isFetching({ queryKey }) > 0) this.askSoon(what);
      else {
        this.questions.delete(what);
        void this.client.invalidateQueries({ queryKey });
      }
    }
  }
}

function replaced(agents: readonly Agent[], id: number, agent: Agent | null): Agent[] {
  const others = agents.filter((other) => other.agent_id !== id);
  return agent ? [...others, agent] : others;
}

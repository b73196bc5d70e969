import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { ask } from "./client";
import type { AcknowledgeResult, Agent, Fleet, MessagePage, Monitor, Schedule, SendResult } from "./types";

/** How often is asked for what also changes without an event: panes are looked at, time passes. */
const AGAIN = 15_000;
/** The same where no event is heard of: the server looks at panes only while somebody asks more often than this. */
export const AGAIN_UNHEARD = 5_000;

/** The keys under which answers are kept; all of a fleet begin alike, so that late ones never show in another. */
export const keys = {
  fleets: ["fleets"] as const,
  fleet: (fleetId: number) => ["fleet", fleetId] as const,
  agents: (fleetId: number) => ["fleet", fleetId, "agents"] as const,
  timeline: (fleetId: number) => ["fleet", fleetId, "timeline"] as const,
  monitor: (fleetId: number) => ["fleet", fleetId, "monitor"] as const,
  box: (fleetId: number, agentId: number, box: Box) => ["fleet", fleetId, "box", agentId, box] as const,
  live: (fleetId: number) => ["live", fleetId] as const,
};

/** The messages to an agent, or from it. */
export type Box = "inbox" | "sent";

export const fleetsQuery = queryOptions({
  queryKey: keys.fleets,
  queryFn: ({ signal }) => ask<Fleet[]>("/api/fleets", { signal }),
  refetchInterval: AGAIN_UNHEARD,
});

export const agentsQuery = (fleetId: number) =>
  queryOptions({
    queryKey: keys.agents(fleetId),
    queryFn: async ({ signal }) => (await ask<{ agents: Agent[] }>("/api/agents", { fleetId, signal })).agents,
    refetchInterval: AGAIN,
  });

export const monitorQuery = (fleetId: number) =>
  queryOptions({
    queryKey: keys.monitor(fleetId),
    queryFn: ({ signal }) => ask<Monitor>("/api/monitor", { fleetId, signal }),
    refetchInterval: AGAIN,
  });

const pages = (path: string, fleetId: number, queryKey: readonly unknown[]) =>
  infiniteQueryOptions({
    queryKey,
    queryFn: ({ pageParam, signal }) => {
      const cursor = pageParam === null ? "" : `?cursor=${pageParam}`;
      return ask<MessagePage>(path + cursor, { fleetId, signal });
    },
    initialPageParam: null as number | null,
    getNextPageParam: (last: MessagePage) => last.next_cursor,
    // events keep up to date what has once been read
    refetchInterval: (query) => query.state.status === "error" && AGAIN_UNHEARD,
  });

export const timelineQuery = (fleetId: number) => pages("/api/timeline", fleetId, keys.timeline(fleetId));

export const boxQuery = (fleetId: number, agentId: number, box: Box) =>
  pages(`/api/agents/${agentId}/${box}`, fleetId, keys.box(fleetId, agentId, box));

/** Sends a message as `from`, to one agent or to all. */
export function sendMessage(fleetId: number, from: number, to: number | "*", text: string) {
  const body = { from_agent_id: from, to_agent_id: to, text };
  return ask<SendResult>("/api/messages/send", { fleetId, method: "POST", body });
}

/** Says that the person is done with a message to the Administrator. */
export function acknowledge(fleetId: number, taskId: number) {
  return ask<AcknowledgeResult>(`/api/messages/${taskId}/acknowledge`, { fleetId, method: "POST", body: {} });
}

/** Changes when an agent is woken. */
export function saveSchedule(fleetId: number, agentId: number, body: { interval_seconds: number; enabled: boolean }) {
  return ask<Schedule>(`/api/agents/${agentId}/monitor`, { fleetId, method: "PATCH", body });
}

/** Asks for the right to type into a pane, which is good for one connection within half a minute. */
export async function takeToken(fleetId: number, agentId: number): Promise<string> {
  return (await ask<{ token: string }>(`/api/panes/${agentId}/token`, { fleetId, method: "POST", body: {} })).token;
}

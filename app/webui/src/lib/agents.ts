import type { Agent } from "../api/types";

/** What an agent is seen to do, in words for people. */
export const STATE_NAMES = {
  at_rest: "at rest",
  working: "working",
  composing: "typing",
  asking: "asking",
  unknown: "unknown",
  gone: "gone",
} satisfies Record<AgentState, string>;

export type AgentState = NonNullable<Agent["state"]>;

/** The state of an agent; null where nobody can look: it has no pane, or was not looked at yet. */
export function stateOf(agent: Agent): AgentState | null {
  return isActive(agent) ? agent.state : null;
}

export function isActive(agent: Agent): boolean {
  return agent.status === "active";
}

/** The Administrator, as whom this page sends; undefined when the fleet has none. */
export function administratorOf(agents: readonly Agent[]): Agent | undefined {
  return agents.find((agent) => agent.kind === "builtin-administrator" && isActive(agent));
}

/** What an agent is to its fleet. */
export function roleOf(agent: Agent): "Director" | "Administrator" | "member" {
  if (agent.kind === "director") return "Director";
  return agent.kind === "builtin-administrator" ? "Administrator" : "member";
}

/** Active agents in the order of their registration, then those that have left. */
export function inOrder(agents: readonly Agent[]): Agent[] {
  return [...agents].sort((a, b) => Number(isActive(b)) - Number(isActive(a)) || a.agent_id - b.agent_id);
}

/** Something that needs a person: what an agent does, or what waits in the person's own inbox. */
export type Concern = {
  agent: Agent;
  kind: "asking" | "held" | "unknown" | "gone" | "for you";
  reason: string;
  /** When it began. */
  since: string;
};

/**
 * Finds what needs a person, what began first in front: agents by what their pane shows, or because their messages do
 * not get through, and messages to the Administrator, as whom the person writes.
 */
export function concerns(agents: readonly Agent[]): Concern[] {
  const found: Concern[] = [];
  for (const agent of inOrder(agents)) {
    if (!isActive(agent)) continue;
    const state = stateOf(agent);
    const { stuck } = agent;
    if (agent.kind === "builtin-administrator") {
      const count = agent.pending_count;
      const reason = count === 1 ? "1 message waits" : `${count} messages wait`;
      if (count > 0) found.push({ agent, kind: "for you", reason, since: agent.pending_since ?? agent.registered_at });
    } else if (state === "asking" || state === "unknown" || state === "gone") {
      const since = agent.state_since ?? agent.registered_at;
      found.push({ agent, kind: state, reason: agent.state_question ?? agent.state_rule ?? STATE_NAMES[state], since });
    } else if (stuck) {
      found.push({ agent, kind: "held", reason: stuck.reason ?? stuck.state, since: stuck.updated_at });
    }
  }
  return found.sort((a, b) => Date.parse(a.since) - Date.parse(b.since));
}

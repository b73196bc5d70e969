import type { ReactNode } from "react";
import type { Agent } from "../api/types";
import { STATE_NAMES, stateOf } from "../lib/agents";
import { fullTime } from "../lib/time";

/** What an agent is, where it is, and what it is seen to do. */
export function AgentProfile({ agent }: { agent: Agent }) {
  const state = stateOf(agent);
  const { placement } = agent;
  return (
    <dl className="grid flex-none grid-cols-[auto_1fr] gap-x-4 gap-y-1 border-b border-line px-4 py-3 text-xs">
      <Fact name="About">{agent.description || "–"}</Fact>
      {agent.coding_agent && <Fact name="Backend">{agent.coding_agent}</Fact>}
      <Fact name="Registered">{fullTime(agent.registered_at)}</Fact>
      {placement && (
        <Fact name="Pane">
          <code className="font-mono">
            {[placement.tmux_session, placement.tmux_window_id, placement.tmux_pane_id].filter(Boolean).join(":") ||
              "pending"}
          </code>
        </Fact>
      )}
      {state && (
        <Fact name="State">
          {STATE_NAMES[state]}
          {agent.state_rule && <span className="text-muted"> ({agent.state_rule})</span>}
        </Fact>
      )}
      {agent.skills.length > 0 && (
        <Fact name="Skills">
          <code className="font-mono">{agent.skills.map((skill) => JSON.stringify(skill)).join("\n")}</code>
        </Fact>
      )}
      <Fact name="Waiting">{agent.pending_count} not acknowledged</Fact>
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-muted">{name}</dt>
      <dd className="min-w-0 break-words whitespace-pre-line">{children}</dd>
    </>
  );
}

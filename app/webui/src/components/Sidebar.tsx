import type { Agent } from "../api/types";
import { inOrder, isActive } from "../lib/agents";
import type { View } from "../lib/route";
import { AgentRow } from "./AgentRow";

type Props = { fleetId: number; view: View; agents: Agent[]; selected: number | null };

/** The agents of a fleet: the active ones, then those that have left. */
export function Sidebar({ fleetId, view, agents, selected }: Props) {
  const ordered = inOrder(agents);
  const active = ordered.filter(isActive);
  const left = ordered.filter((agent) => !isActive(agent));
  return (
    <nav aria-label="Agents" className="pb-4">
      <Group title="Active" fleetId={fleetId} view={view} agents={active} selected={selected} />
      {left.length > 0 && (
        <Group title="Deregistered" fleetId={fleetId} view={view} agents={left} selected={selected} />
      )}
    </nav>
  );
}

function Group({ title, fleetId, view, agents, selected }: Props & { title: string }) {
  return (
    <section aria-label={title}>
      <h2 className="flex justify-between px-4 pt-3 pb-1 text-2xs font-medium text-muted">
        {title}
        <span className="tabular-nums">{agents.length}</span>
      </h2>
      <ul>
        {agents.map((agent) => (
          <li key={agent.agent_id} className="[contain-intrinsic-size:auto_3.25rem] [content-visibility:auto]">
            <AgentRow fleetId={fleetId} view={view} agent={agent} isSelected={agent.agent_id === selected} />
          </li>
        ))}
      </ul>
    </section>
  );
}

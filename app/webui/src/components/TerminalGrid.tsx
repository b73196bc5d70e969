import type { UseQueryResult } from "@tanstack/react-query";
import { SquareTerminal } from "lucide-react";
import type { Agent } from "../api/types";
import { inOrder, isActive } from "../lib/agents";
import { Skeleton } from "./Skeleton";
import { TerminalTile } from "./TerminalTile";

type Props = { fleetId: number; agents: UseQueryResult<Agent[]>; selected: number | null; isHeard: boolean };

/** The screens of all agents of a fleet, side by side. */
export function TerminalGrid({ fleetId, agents, selected, isHeard }: Props) {
  const shown = inOrder(agents.data ?? []).filter((agent) => isActive(agent) && agent.kind !== "builtin-administrator");
  if (agents.isPending) return <Skeleton rows={3} className="h-40" />;
  if (agents.data && shown.length === 0) {
    return (
      <div className="flex min-h-full flex-col items-center justify-center gap-3 p-8 text-center">
        <span className="flex size-12 items-center justify-center rounded-2xl bg-accent-soft text-accent">
          <SquareTerminal size={24} aria-hidden />
        </span>
        <p className="text-base font-semibold">No terminals</p>
        <p className="max-w-md text-muted">The fleet has no agents now.</p>
      </div>
    );
  }
  return (
    <section aria-label="Terminals" className="min-h-0 flex-1 overflow-y-auto p-4" tabIndex={0}>
      <ul className="grid grid-cols-[repeat(auto-fill,minmax(min(100%,22rem),1fr))] gap-4 2xl:grid-cols-[repeat(auto-fill,minmax(30rem,1fr))]">
        {shown.map((agent) => (
          <li key={agent.agent_id}>
            <TerminalTile fleetId={fleetId} agent={agent} isSelected={agent.agent_id === selected} isHeard={isHeard} />
          </li>
        ))}
      </ul>
    </section>
  );
}

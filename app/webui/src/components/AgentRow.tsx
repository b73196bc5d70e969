import { BellOff, Timer } from "lucide-react";
import type { Agent } from "../api/types";
import { isActive, roleOf, stateOf } from "../lib/agents";
import { fleetHref, type View } from "../lib/route";
import { plainName } from "../lib/text";
import { Avatar } from "./Avatar";
import { StateDot } from "./StateDot";

type Props = { fleetId: number; view: View; agent: Agent; isSelected: boolean };

/** An agent in the sidebar. */
export function AgentRow({ fleetId, view, agent, isSelected }: Props) {
  const state = stateOf(agent);
  const { monitor, pending_count: pending } = agent;
  return (
    <a
      data-agent={agent.agent_id}
      href={fleetHref(fleetId, agent.agent_id, view)}
      aria-current={isSelected ? "page" : undefined}
      className={`mx-2 flex gap-2.5 rounded-lg px-2 py-1.5 hover:bg-raised focus-visible:-outline-offset-2 ${
        isSelected ? "bg-accent-soft" : ""
      }`}
    >
      <span className={isActive(agent) ? "" : "opacity-50 grayscale"}>
        <Avatar id={agent.agent_id} name={agent.name} />
      </span>
      <span className={`min-w-0 flex-1 leading-tight ${isActive(agent) ? "" : "text-muted"}`}>
        <span className="flex items-center gap-2">
          <bdi className="min-w-0 flex-1 truncate font-medium">{plainName(agent.name)}</bdi>
          {monitor && (
            <span
              className="inline-flex flex-none items-center gap-0.5 text-2xs text-muted tabular-nums"
              title={monitor.enabled ? `woken every ${monitor.interval_seconds} s` : "not woken"}
            >
              {monitor.enabled ? <Timer size={11} aria-hidden /> : <BellOff size={11} aria-hidden />}
              <span className="sr-only">{monitor.enabled ? "woken every" : "not woken; every"}</span>
              {monitor.interval_seconds} s
            </span>
          )}
          {pending > 0 && (
            <span
              title={`${pending} not acknowledged`}
              className="flex-none rounded-full bg-accent px-1.5 text-2xs leading-4 font-semibold text-on-accent tabular-nums"
            >
              {pending}
              <span className="sr-only"> not acknowledged</span>
            </span>
          )}
        </span>
        <span className="mt-0.5 flex items-center gap-2 text-2xs text-muted">
          {state && <StateDot state={state} />}
          <span className="min-w-0 truncate">
            {roleOf(agent)}
            {agent.coding_agent && ` · ${agent.coding_agent}`}
          </span>
        </span>
      </span>
    </a>
  );
}

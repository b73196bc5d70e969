import { useState } from "react";
import type { Agent } from "../api/types";
import { roleOf, stateOf } from "../lib/agents";
import { fleetHref } from "../lib/route";
import { plainName } from "../lib/text";
import { useInView } from "../lib/useInView";
import { PaneView } from "../terminal/PaneView";
import type { PaneConnection } from "../terminal/stream";
import { Avatar } from "./Avatar";
import { PaneState } from "./PaneState";
import { StateDot } from "./StateDot";

type Props = { fleetId: number; agent: Agent; isSelected: boolean; isHeard: boolean };

/** The screen of an agent among others; it is connected only while it is in view. */
export function TerminalTile({ fleetId, agent, isSelected, isHeard }: Props) {
  const [ref, isInView] = useInView<HTMLAnchorElement>();
  const [connection, setConnection] = useState<PaneConnection>({ state: "connecting" });
  const state = stateOf(agent);
  return (
    <a
      ref={ref}
      href={fleetHref(fleetId, agent.agent_id, "terminals")}
      aria-current={isSelected ? "page" : undefined}
      data-tile={agent.agent_id}
      className={`block overflow-hidden rounded-xl border bg-surface hover:border-accent ${isSelected ? "border-accent" : "border-line"}`}
    >
      <div className="flex items-center gap-2 px-3 py-2 text-xs">
        <Avatar id={agent.agent_id} name={agent.name} />
        <span className="min-w-0 flex-1 leading-tight">
          <bdi className="block truncate text-[0.9rem] font-medium">{plainName(agent.name)}</bdi>
          <span className="text-2xs text-muted">{roleOf(agent)}</span>
        </span>
        {state && (
          <span className="flex-none text-muted">
            <StateDot state={state} />
          </span>
        )}
      </div>
      <div className="h-60 bg-black 2xl:h-80" inert data-pane={agent.placement ? connection.state : "none"}>
        {agent.placement && isInView && (
          <PaneView
            key={agent.pane_id}
            fleetId={fleetId}
            agentId={agent.agent_id}
            scrollback={0}
            onConnection={setConnection}
          />
        )}
      </div>
      <div className="px-3 py-1.5 text-2xs">
        {agent.placement ? (
          <PaneState connection={connection} isHeard={isHeard} />
        ) : (
          <span className="text-muted">no pane: it was registered by hand</span>
        )}
      </div>
    </a>
  );
}

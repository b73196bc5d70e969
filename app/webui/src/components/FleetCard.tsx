import { useQuery } from "@tanstack/react-query";
import { Bot, TriangleAlert } from "lucide-react";
import { AGAIN_UNHEARD, agentsQuery } from "../api/queries";
import type { Fleet } from "../api/types";
import { concerns, isActive } from "../lib/agents";
import { fleetHref } from "../lib/route";
import { plainName } from "../lib/text";
import { useInView } from "../lib/useInView";
import { Age } from "./Age";
import { MonitorLight } from "./MonitorLight";

/** A fleet to choose. How it is, is asked only while it is in view. */
export function FleetCard({ fleet }: { fleet: Fleet }) {
  const [ref, isInView] = useInView<HTMLAnchorElement>();
  const agents = useQuery({
    ...agentsQuery(fleet.fleet_id),
    enabled: isInView,
    refetchInterval: AGAIN_UNHEARD,
    // the tab's title tells on in the background
    refetchIntervalInBackground: true,
  });
  const waiting = concerns(agents.data ?? []).length;
  // panes are looked at only since somebody asks: until then nothing is known of them, which is not nothing
  const isLooking =
    !agents.data || agents.data.some((agent) => isActive(agent) && agent.pane_id !== null && agent.state === null);
  return (
    <a
      ref={ref}
      href={fleetHref(fleet.fleet_id)}
      className="flex h-full flex-col gap-3 rounded-xl border border-line bg-surface p-4 hover:border-accent"
    >
      <span className="flex items-baseline gap-2">
        <bdi className="min-w-0 flex-1 truncate text-base font-semibold">
          {fleet.label ? plainName(fleet.label) : `Fleet ${fleet.fleet_id}`}
        </bdi>
        <span className="text-muted tabular-nums">#{fleet.fleet_id}</span>
      </span>
      <span className="flex flex-wrap items-center gap-x-4 gap-y-1 text-xs text-muted">
        <span className="inline-flex items-center gap-1">
          <Bot size={14} aria-hidden />
          {fleet.agent_count} {fleet.agent_count === 1 ? "agent" : "agents"}
        </span>
        <span>
          made <Age since={fleet.created_at} /> ago
        </span>
      </span>
      <span className="flex min-h-5 flex-wrap items-center gap-x-4 text-xs">
        {isInView && <MonitorLight fleetId={fleet.fleet_id} />}
        {isLooking && <span className="text-muted">{waiting > 0 ? "" : "looking at its agents …"}</span>}
        {waiting > 0 && (
          <span className="inline-flex items-center gap-1 font-medium text-warn">
            <TriangleAlert size={14} aria-hidden />
            {isLooking && "at least "}
            {waiting} {waiting === 1 ? "waits" : "wait"} for a person
          </span>
        )}
      </span>
    </a>
  );
}

import { TriangleAlert } from "lucide-react";
import type { Concern } from "../lib/agents";
import { fleetHref, type View } from "../lib/route";
import { plainName } from "../lib/text";
import { Age } from "./Age";

type Props = { fleetId: number; view: View; concerns: Concern[] };

/** The agents that need a person, and why. */
export function AttentionStrip({ fleetId, view, concerns }: Props) {
  if (concerns.length === 0) return null;
  return (
    <section
      aria-label="Needs attention"
      className="flex flex-none items-center gap-2 overflow-x-auto border-b border-line bg-warn-soft px-4 py-1.5 text-xs"
    >
      <TriangleAlert size={15} aria-hidden className="flex-none text-warn" />
      <ul className="flex gap-2">
        {concerns.map((concern) => (
          <li key={concern.agent.agent_id}>
            <a
              href={fleetHref(fleetId, concern.agent.agent_id, view)}
              className="flex items-center gap-1.5 rounded-md border border-line bg-surface px-2 py-1 whitespace-nowrap hover:bg-raised focus-visible:outline-offset-0"
            >
              <bdi className="max-w-40 truncate font-semibold">{plainName(concern.agent.name)}</bdi>
              <span className="font-medium text-warn">{concern.kind}</span>
              <span className="max-w-80 truncate text-muted">{concern.reason}</span>
              <span className="text-muted">
                <Age since={concern.since} />
              </span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}

import { TriangleAlert } from "lucide-react";
import type { Concern } from "../lib/agents";
import { fleetHref, type View } from "../lib/route";
import { plainName } from "../lib/text";
import { Age } from "./Age";

type Props = { fleetId: number; view: View; concerns: Concern[] };

/** What needs a person, and why. Its place is there also when nothing does, so that nothing moves when something begins to. */
export function AttentionStrip({ fleetId, view, concerns }: Props) {
  if (concerns.length === 0) {
    return (
      <section
        aria-label="Attention"
        className="flex h-11 flex-none items-center border-b border-line px-4 text-xs text-muted"
      >
        <p>Nothing needs you.</p>
      </section>
    );
  }
  return (
    <section
      aria-label="Needs attention"
      className="flex h-11 flex-none items-center gap-2 overflow-x-auto overflow-y-hidden border-b border-line bg-warn-soft px-4 text-xs"
    >
      <TriangleAlert size={15} aria-hidden className="flex-none text-warn" />
      <ul className="flex gap-2">
        {concerns.map((concern) => (
          <li key={concern.agent.agent_id}>
            <a
              href={fleetHref(fleetId, concern.agent.agent_id, view)}
              className="flex items-center gap-1.5 rounded-md border border-line bg-surface h-8 px-2 whitespace-nowrap hover:bg-raised focus-visible:outline-offset-0"
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

import { useQuery } from "@tanstack/react-query";
import { reason } from "../api/client";
import { monitorQuery } from "../api/queries";
import type { Monitor } from "../api/types";
import { fullTime, span } from "../lib/time";
import { useNow } from "../lib/useNow";

/** Ticks that a monitor may miss, and the time it has at least, before its light says so. */
const MISSED_TICKS = 3;
const PATIENCE = 15_000;

type Light = { word: "running" | "stopped" | "stale"; colour: string };

function lightOf(monitor: Monitor, now: number): Light {
  // what is known of a run that did not end in order
  const isKnown = monitor.tick_seconds !== null;
  if (!monitor.running && !isKnown) return { word: "stopped", colour: "bg-transparent ring-2 ring-inset ring-warn" };
  const limit = Math.max((monitor.tick_seconds ?? 0) * MISSED_TICKS * 1000, PATIENCE);
  const late = monitor.last_tick_at !== null && now - Date.parse(monitor.last_tick_at) > limit;
  if (late || !monitor.running) return { word: "stale", colour: "bg-warn" };
  return { word: "running", colour: "bg-ok" };
}

/** Whether a fleet's monitor runs; with `detail` also how. */
export function MonitorLight({ fleetId, detail }: { fleetId: number; detail?: boolean }) {
  const { data, error } = useQuery(monitorQuery(fleetId));
  const now = useNow();
  if (!data) {
    return (
      <span className="text-muted" title={error ? reason(error) : undefined}>
        monitor {error ? "unknown" : "…"}
      </span>
    );
  }
  const { word, colour } = lightOf(data, now);
  const tick = data.last_tick_at === null ? null : now - Date.parse(data.last_tick_at);
  const title =
    data.last_tick_at === null
      ? `start it with: cafleet --fleet-id ${fleetId} monitor start`
      : `pid ${data.pid} · every ${data.tick_seconds} s · last tick ${fullTime(data.last_tick_at)}`;
  return (
    <span className="inline-flex items-center gap-1.5 whitespace-nowrap" title={title}>
      <span aria-hidden className={`size-2 flex-none rounded-full ${colour}`} />
      <span className={word === "running" ? "" : "font-medium text-warn"}>monitor {word}</span>
      {detail && data.pid !== null && (
        <span className="hidden text-muted tabular-nums 2xl:inline">
          pid {data.pid} · every {data.tick_seconds} s{tick !== null && ` · ticked ${span(tick)} ago`}
        </span>
      )}
    </span>
  );
}

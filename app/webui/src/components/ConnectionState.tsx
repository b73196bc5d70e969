import type { Connection } from "../events/stream";
import { fullTime, timeOfDay } from "../lib/time";

const COLOURS = { connecting: "bg-muted", live: "bg-ok", reconnecting: "bg-warn pulse-soft", stale: "bg-danger" };

/** Whether what is shown is so now. */
export function ConnectionState({ connection }: { connection: Connection }) {
  const { state } = connection;
  return (
    <span role="status" className="inline-flex items-center gap-1.5 whitespace-nowrap" data-connection={state}>
      <span aria-hidden className={`size-2 flex-none rounded-full ${COLOURS[state]}`} />
      {state === "stale" ? (
        <>
          stale since <time title={fullTime(connection.since)}>{timeOfDay(connection.since)}</time>
        </>
      ) : (
        state
      )}
    </span>
  );
}

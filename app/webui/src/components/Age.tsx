import { age, fullTime } from "../lib/time";
import { useNow } from "../lib/useNow";

/** How long ago something was, counted on; the full time on hover. */
export function Age({ since }: { since: string | number }) {
  const now = useNow();
  return (
    <time dateTime={new Date(since).toISOString()} title={fullTime(since)} className="tabular-nums">
      {age(since, now)}
    </time>
  );
}

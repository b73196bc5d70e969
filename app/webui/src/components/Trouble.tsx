import { CircleAlert, RotateCw } from "lucide-react";
import { reason } from "../api/client";
import { fullTime, timeOfDay } from "../lib/time";

/** What a query knows of its own trouble. */
type Resource = {
  error: unknown;
  isError: boolean;
  isFetching: boolean;
  dataUpdatedAt: number;
  refetch: () => unknown;
};

/** Tells that something could not be had at all, or since when it is not up to date. */
export function Trouble({ of, what }: { of: Resource; what: string }) {
  if (!of.isError) return null;
  const since = of.dataUpdatedAt;
  return (
    <div role="alert" className="m-2 flex flex-wrap items-center gap-2 rounded-lg bg-danger-soft px-3 py-2 text-danger">
      <CircleAlert size={16} aria-hidden className="flex-none" />
      <span className="min-w-48 flex-1 [overflow-wrap:anywhere]">
        {since > 0 ? (
          <>
            {what}: not updated since <time title={fullTime(since)}>{timeOfDay(since)}</time>
          </>
        ) : (
          <>{what} cannot be shown</>
        )}
        <span className="text-muted">: {reason(of.error)}</span>
      </span>
      <button type="button" className="control" disabled={of.isFetching} onClick={() => void of.refetch()}>
        <RotateCw size={14} aria-hidden />
        Retry
      </button>
    </div>
  );
}

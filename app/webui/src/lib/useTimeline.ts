import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { type Box, boxQuery, keys, timelineQuery } from "../api/queries";
import { isIn, type Live, nothingLive, withoutGaps } from "./messages";

/** The messages that came by events since the fleet is shown. */
function useLive(fleetId: number): Live {
  const queryKey = keys.live(fleetId);
  return useQuery({ queryKey, enabled: false, initialData: nothingLive, queryFn: () => nothingLive }).data;
}

/** The messages of a fleet, oldest first: the pages that were loaded and what came since. */
export function useTimeline(fleetId: number) {
  const query = useInfiniteQuery(timelineQuery(fleetId));
  const live = useLive(fleetId);
  const { data } = query;
  // without a page nobody knows what the events belong to
  const messages = useMemo(() => (data ? withoutGaps(data.pages, live) : []), [data, live]);
  return { query, messages };
}

/** The messages to an agent or from it, newest first. */
export function useBox(fleetId: number, agentId: number, box: Box) {
  const query = useInfiniteQuery(boxQuery(fleetId, agentId, box));
  const live = useLive(fleetId);
  const { data } = query;
  const messages = useMemo(() => {
    if (!data) return [];
    const rows = new Map([...live.rows].filter(([, message]) => isIn(message, agentId, box)));
    return withoutGaps(data.pages, { ...live, rows }).reverse();
  }, [data, live, box, agentId]);
  return { query, messages };
}

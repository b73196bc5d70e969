import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { boxQuery, keys, timelineQuery, type Box } from "../api/queries";
import { type Rows, withoutGaps } from "./messages";

const none: Rows = new Map();

/** The messages that came by events since the fleet is shown. */
function useLive(fleetId: number): Rows {
  return useQuery<Rows>({ queryKey: keys.live(fleetId), enabled: false, initialData: none, queryFn: () => none }).data;
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
    const isIn = box === "inbox" ? "to_agent_id" : "from_agent_id";
    const own = new Map([...live].filter(([, message]) => message[isIn] === agentId));
    return withoutGaps(data.pages, own).reverse();
  }, [data, live, box, agentId]);
  return { query, messages };
}

import type { InfiniteData, QueryClient } from "@tanstack/react-query";
import { type Box, keys } from "../api/queries";
import type { MessagePage } from "../api/types";
import { isIn, type Live, type Loaded, uncovered } from "../lib/messages";

/** Lets go of messages that came live whenever pages were read that hold them; returns how to stop it. */
export function dropCovered(client: QueryClient, fleetId: number): () => void {
  const [scope] = keys.fleet(fleetId);
  return client.getQueryCache().subscribe((event) => {
    if (event.type !== "updated" || event.action.type !== "success") return;
    const [of, id, kind] = event.query.queryKey as readonly unknown[];
    if (of !== scope || id !== fleetId || (kind !== "timeline" && kind !== "box")) return;
    client.setQueryData<Live>(keys.live(fleetId), (live) => live && uncovered(live, loaded(client, fleetId)));
  });
}

/** The pages of the timeline, and of each box that was opened. */
function loaded(client: QueryClient, fleetId: number): Loaded[] {
  const timeline = client.getQueryData<InfiniteData<MessagePage>>(keys.timeline(fleetId));
  const boxes = client.getQueriesData<InfiniteData<MessagePage>>({ queryKey: [...keys.fleet(fleetId), "box"] });
  // without the timeline nobody knows what the others belong to
  if (!timeline) return [];
  return [
    { pages: timeline.pages, takes: () => true },
    ...boxes.flatMap(([key, data]): Loaded | [] => {
      const [agentId, box] = key.slice(-2) as [number, Box];
      return data ? { pages: data.pages, takes: (message) => isIn(message, agentId, box) } : [];
    }),
  ];
}

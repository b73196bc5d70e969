import type { UseQueryResult } from "@tanstack/react-query";
import { MessagesSquare } from "lucide-react";
import { type RefObject, useCallback, useDeferredValue, useEffect, useMemo, useRef, useState } from "react";
import type { Agent } from "../api/types";
import { inOrder } from "../lib/agents";
import { isEmpty, noFilter, wanted, wordsOf } from "../lib/filter";
import type { Addressee } from "../lib/mention";
import { entries, timelineRows } from "../lib/timeline";
import { useOutbox } from "../lib/useOutbox";
import { useShortcuts } from "../lib/useShortcuts";
import type { useTimeline } from "../lib/useTimeline";
import { Composer, type ComposerHandle } from "./Composer";
import { SearchBar } from "./SearchBar";
import { Skeleton } from "./Skeleton";
import { type Place, Timeline, type TimelineHandle } from "./Timeline";
import { Trouble } from "./Trouble";

type Props = {
  fleetId: number;
  timeline: ReturnType<typeof useTimeline>;
  agents: UseQueryResult<Agent[]>;
  administrator: Agent | undefined;
  addressees: Agent[];
  composer: RefObject<ComposerHandle | null>;
  placeRef: RefObject<Place>;
};

/** How many messages a search goes through by itself; it goes further back when it is told to. */
const SEARCHED_BY_ITSELF = 10_000;

/** The messages of a fleet, how to find some of them, and where to write one. */
export function Conversation({ fleetId, timeline, agents, administrator, addressees, composer, placeRef }: Props) {
  const { query, messages } = timeline;
  const [filter, setFilter] = useState(noFilter);
  const applied = useDeferredValue(filter);
  const search = useRef<HTMLInputElement>(null);
  const list = useRef<TimelineHandle>(null);
  const { outbox, send, discard } = useOutbox(fleetId, messages);

  const all = useMemo(() => entries(messages), [messages]);
  const found = useMemo(() => wanted(all, applied), [all, applied]);
  const rows = useMemo(() => timelineRows(found), [found]);
  const isSearching = !isEmpty(applied);
  const words = useMemo(() => wordsOf(applied), [applied]);
  const placeOfHits = useRef<Place>(null);
  const showContext = useCallback(
    (key: string) => {
      placeRef.current = { key };
      setFilter(noFilter);
    },
    [placeRef],
  );

  useShortcuts({ "/": () => search.current?.focus(), e: () => list.current?.toEnd() });
  const { fetchNextPage, hasNextPage, isFetching, isError } = query;
  const older = useCallback(() => void fetchNextPage(), [fetchNextPage]);
  const mayGoBack = !isSearching || messages.length < SEARCHED_BY_ITSELF;
  const olderByItself = useCallback(() => mayGoBack && older(), [mayGoBack, older]);
  const isInVain = isSearching && found.length === 0 && hasNextPage && !isFetching && !isError;
  useEffect(() => {
    // a list in which there is something loads by itself what is older
    if (isInVain) olderByItself();
  }, [isInVain, olderByItself]);
  const administratorId = administrator?.agent_id;
  const sendFrom = async (to: Addressee | "*", body: string) => {
    if (administratorId === undefined)
      return { problem: "the fleet has no Administrator", discard: () => {}, keep: () => {} };
    // whoever sends wants to see it
    setFilter(noFilter);
    placeRef.current = null;
    list.current?.toEnd();
    return send(administratorId, to, body);
  };
  const ordered = useMemo(() => inOrder(agents.data ?? []), [agents.data]);
  const obstacle =
    agents.data && !administrator ? "Nothing can be sent: the Administrator of this fleet is missing." : null;
  return (
    <>
      <SearchBar ref={search} agents={ordered} filter={filter} onChange={setFilter} />
      <Trouble of={query} what="The messages" />
      {query.isPending ? (
        <div className="min-h-0 flex-1">
          <Skeleton rows={6} className="h-12" />
        </div>
      ) : (
        <Timeline
          // what is found is another list, with another end
          key={isSearching ? "found" : "all"}
          ref={list}
          fleetId={fleetId}
          rows={rows}
          outbox={isSearching ? [] : outbox}
          sender={{ id: administratorId ?? 0, name: administrator?.name ?? "Administrator" }}
          hasOlder={query.hasNextPage}
          isLoadingOlder={query.isFetchingNextPage}
          onOlder={olderByItself}
          onDiscard={discard}
          placeRef={isSearching ? placeOfHits : placeRef}
          words={words}
          onContext={isSearching ? showContext : null}
          empty={
            query.data &&
            (isSearching ? <p className="p-8 text-center text-muted">No message fits.</p> : <NoMessages />)
          }
        />
      )}
      {isSearching && (
        <p role="status" className="flex-none border-t border-line px-4 py-1 text-xs text-muted">
          {found.length} of {all.length} messages
          {query.hasNextPage && (
            <>
              {" "}
              so far;{" "}
              <button
                type="button"
                className="text-accent underline"
                disabled={query.isFetchingNextPage}
                onClick={older}
              >
                search further back
              </button>
            </>
          )}
        </p>
      )}
      <Composer
        ref={composer}
        fleetId={fleetId}
        addressees={agents.data ? addressees : null}
        obstacle={obstacle}
        onSend={sendFrom}
      />
    </>
  );
}

function NoMessages() {
  return (
    <div className="flex min-h-full flex-col items-center justify-center gap-3 p-8 text-center">
      <span className="flex size-12 items-center justify-center rounded-2xl bg-accent-soft text-accent">
        <MessagesSquare size={24} aria-hidden />
      </span>
      <p className="text-base font-semibold">No messages yet</p>
      <p className="max-w-md text-muted">
        What the agents write to each other appears here as it happens. Write the first one below: begin with{" "}
        <kbd className="font-mono text-ink">@</kbd> and a name.
      </p>
    </div>
  );
}

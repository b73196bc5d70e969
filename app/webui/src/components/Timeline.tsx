import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown } from "lucide-react";
import {
  type ReactNode,
  type Ref,
  type RefObject,
  useEffect,
  useEffectEvent,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { dayName, fullTime } from "../lib/time";
import type { Outgoing } from "../lib/outbox";
import { senderName } from "../lib/messages";
import type { TimelineRow } from "../lib/timeline";
import { AT_END, useKeptAtEnd } from "../lib/useKeptAtEnd";
import { EntryView } from "./EntryView";
import { OutgoingView } from "./OutgoingView";

/** Where somebody reads: the first entry in view; null at the newest. */
export type Place = { key: string } | null;

/** What others can make the timeline do. */
export type TimelineHandle = { toEnd: () => void };

type Props = {
  ref: Ref<TimelineHandle>;
  fleetId: number;
  rows: TimelineRow[];
  outbox: Outgoing[];
  sender: { id: number; name: string };
  hasOlder: boolean;
  isLoadingOlder: boolean;
  /** Called when the beginning of what is loaded comes near. */
  onOlder: () => void;
  onDiscard: (key: string) => void;
  /** Where to begin to read, and where somebody has come to. */
  placeRef: RefObject<Place>;
  /** What was searched for; with it, each entry leads to where it stands among all. */
  words: readonly string[];
  onContext: ((key: string) => void) | null;
  /** Stands where the messages would be when there are none. */
  empty: ReactNode;
};

/** How near the beginning older messages are fetched. */
const NEAR_START = 600;
/** About the height of a row, until it is measured. */
const ROW = 74;

/** The messages of a fleet, oldest first. It follows new ones only while the newest is in view. */
export function Timeline(props: Props) {
  const { fleetId, rows, outbox, sender, hasOlder, isLoadingOlder, onOlder, onDiscard } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const count = rows.length + outbox.length;
  const keyAt = (index: number) => rows[index]?.key ?? outbox[index - rows.length]?.key ?? index;
  const list = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    getItemKey: keyAt,
    overscan: 8,
    anchorTo: "end",
    followOnAppend: true,
    scrollEndThreshold: AT_END,
    paddingStart: 28,
    paddingEnd: 8,
  });
  const fresh = useFresh(list.isAtEnd(AT_END), rows);

  const hasRows = count > 0;
  const { placeRef } = props;
  const showPlace = useEffectEvent(() => {
    const at = placeRef.current ? rows.findIndex((row) => row.key === placeRef.current?.key) : -1;
    if (at === -1) list.scrollToEnd();
    else list.scrollToIndex(at, { align: "start" });
  });
  // only when the first rows come: from then on the list itself keeps to the end
  useLayoutEffect(() => {
    if (hasRows) showPlace();
  }, [hasRows]);
  const notePlace = () => {
    if (list.isAtEnd(AT_END)) placeRef.current = null;
    else {
      const first = list.getVirtualItems().find(({ end }) => end > (list.scrollOffset ?? 0));
      const row = first && rows[first.index];
      if (row) placeRef.current = { key: row.key };
    }
  };
  useKeptAtEnd(scroller, () => list.scrollToEnd());
  useImperativeHandle(props.ref, () => ({ toEnd: () => list.scrollToEnd() }), [list]);

  const isNearStart = hasRows && (list.scrollOffset ?? NEAR_START) < NEAR_START;
  useEffect(() => {
    if (isNearStart && hasOlder && !isLoadingOlder) onOlder();
  }, [isNearStart, hasOlder, isLoadingOlder, onOlder]);

  return (
    <div className="relative min-h-0 flex-1">
      <div
        ref={scroller}
        role="region"
        aria-label="Messages"
        tabIndex={0}
        onScroll={notePlace}
        // the list itself keeps what is read in its place
        className="absolute inset-0 overflow-y-auto overscroll-contain [overflow-anchor:none] focus-visible:-outline-offset-2"
      >
        {!hasRows && props.empty}
        <div
          role={hasRows ? "feed" : undefined}
          aria-busy={isLoadingOlder}
          className="relative w-full"
          style={{ height: list.getTotalSize() }}
        >
          {hasRows && (
            <p className="absolute inset-x-0 top-0 flex h-7 items-center justify-center text-2xs text-muted">
              {hasOlder ? (isLoadingOlder ? "Loading older messages …" : "") : "The beginning of this fleet"}
            </p>
          )}
          {list.getVirtualItems().map(({ index, key, start }) => (
            <div
              key={key}
              ref={list.measureElement}
              data-index={index}
              className="absolute left-0 w-full"
              style={{ top: start }}
            >
              {renderRow(rows[index], outbox[index - rows.length])}
            </div>
          ))}
        </div>
      </div>
      <div role="status" className="pointer-events-none absolute inset-x-0 bottom-3 flex justify-center">
        {fresh > 0 && (
          <button
            type="button"
            className="pointer-events-auto inline-flex items-center gap-1.5 rounded-full bg-accent px-3 py-1.5 text-xs font-medium text-on-accent shadow-lg"
            onClick={() => list.scrollToEnd()}
          >
            <ArrowDown size={14} aria-hidden />
            {fresh === 1 ? "1 new message" : `${fresh} new messages`}
          </button>
        )}
      </div>
    </div>
  );

  function renderRow(row: TimelineRow | undefined, outgoing: Outgoing | undefined) {
    if (!row) return outgoing && <OutgoingView outgoing={outgoing} from={sender} onDiscard={onDiscard} />;
    if (row.kind === "day") return <Day time={row.time} />;
    const { entry, isContinued } = row;
    return (
      <article aria-label={`${senderName(entry.first)}: ${entry.first.body.slice(0, 60)}`}>
        <EntryView
          fleetId={fleetId}
          entry={entry}
          isContinued={isContinued && props.onContext === null}
          personId={sender.id}
          words={props.words}
          onContext={props.onContext}
        />
      </article>
    );
  }
}

function Day({ time }: { time: string }) {
  return (
    <div role="article" aria-label={dayName(time, new Date())} className="flex items-center gap-3 px-4 pt-4 pb-1">
      <span className="h-px flex-1 bg-line" />
      <time dateTime={time} title={fullTime(time)} className="text-2xs font-medium text-muted">
        {dayName(time, new Date())}
      </time>
      <span className="h-px flex-1 bg-line" />
    </div>
  );
}

/** Counts the entries that came while the newest one was not in view. */
function useFresh(isAtEnd: boolean, rows: readonly TimelineRow[]): number {
  const last = newestEntry(rows);
  const [seen, setSeen] = useState(last);
  if ((isAtEnd || seen === 0) && seen !== last) setSeen(last);
  if (isAtEnd || seen === 0) return 0;
  let fresh = 0;
  for (let index = rows.length - 1; index >= 0; index--) {
    const row = rows[index];
    if (row?.kind !== "entry") continue;
    if (row.entry.first.task_id <= seen) break;
    fresh++;
  }
  return fresh;
}

function newestEntry(rows: readonly TimelineRow[]): number {
  const row = rows.at(-1);
  return row?.kind === "entry" ? row.entry.first.task_id : 0;
}

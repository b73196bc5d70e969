import { ArrowRight, Megaphone, Radar } from "lucide-react";
import { memo } from "react";
import { fleetHref } from "../lib/route";
import { MONITOR, senderName } from "../lib/messages";
import { plainName } from "../lib/text";
import { fullTime, timeOfDay } from "../lib/time";
import type { Entry } from "../lib/timeline";
import { Avatar } from "./Avatar";
import { Body } from "./Body";
import { ForYou } from "./ForYou";
import { NoticeBody } from "./NoticeBody";
import { Recipients } from "./Recipients";
import { Chip } from "./Chip";

type Props = {
  fleetId: number;
  entry: Entry;
  isContinued: boolean;
  personId: number;
  words: readonly string[];
  onContext: ((key: string) => void) | null;
};

/** A message or a broadcast in the timeline. */
export const EntryView = memo(function EntryView({ fleetId, entry, isContinued, personId, words, onContext }: Props) {
  const { first, isBroadcast } = entry;
  const waitsForPerson = !isBroadcast && first.to_agent_id === personId && first.status === "input_required";
  const isCanceled = entry.messages.every((message) => message.status === "canceled");
  // that all is well needs no line of its own
  const isQuiet = first.status === "completed";
  const when = (
    <time dateTime={first.created_at} title={fullTime(first.created_at)} className="text-2xs text-muted tabular-nums">
      {timeOfDay(first.created_at)}
    </time>
  );
  return (
    <div
      className={`group flex gap-3 border-l-4 pr-4 pl-3 hover:bg-raised/60 ${isContinued ? "py-0.5" : "pt-2 pb-1"} ${
        waitsForPerson ? "border-warn" : "border-transparent"
      }`}
    >
      <div className="w-8 flex-none text-center">
        {isContinued ? (
          <span className="opacity-0 group-hover:opacity-100">{when}</span>
        ) : first.notice ? (
          <MonitorMark />
        ) : (
          <Avatar id={first.from_agent_id} name={first.from_agent_name} />
        )}
      </div>
      <div className="max-w-[76rem] min-w-0 flex-1">
        {isContinued ? (
          <span className="sr-only">
            {senderName(first)} to {plainName(first.to_agent_name)}
          </span>
        ) : (
          <div className="flex flex-wrap items-baseline gap-x-1.5">
            {first.notice ? (
              <span className="font-semibold text-muted" title="CAFleet wrote this, not a person">
                {MONITOR}
              </span>
            ) : (
              <Name fleetId={fleetId} id={first.from_agent_id} name={first.from_agent_name} />
            )}
            <ArrowRight size={13} role="img" aria-label="to" className="flex-none self-center text-muted" />
            {isBroadcast ? (
              <span className="text-muted">
                <Megaphone size={13} aria-hidden className="mr-1 inline align-[-0.1em]" />
                everyone
              </span>
            ) : (
              <Name fleetId={fleetId} id={first.to_agent_id} name={first.to_agent_name} isQuiet />
            )}
            {when}
            <span className="text-2xs text-muted tabular-nums" title="The number of the message">
              #{isBroadcast ? first.origin_task_id : first.task_id}
            </span>
            {!isBroadcast && isQuiet && <Chip message={first} />}
            {onContext && (
              <button
                type="button"
                className="min-h-6 text-2xs text-accent hover:underline"
                onClick={() => onContext(entry.key)}
              >
                Show among all
              </button>
            )}
          </div>
        )}
        <div className={isCanceled ? "text-muted line-through" : ""}>
          {first.notice ? <NoticeBody text={first.body} /> : <Body text={first.body} words={words} />}
        </div>
        {isBroadcast ? (
          <Recipients messages={entry.messages} />
        ) : waitsForPerson ? (
          <ForYou fleetId={fleetId} message={first} />
        ) : (
          (!isQuiet || isContinued) && <Chip message={first} />
        )}
      </div>
    </div>
  );
});

/** Stands where the letters of an agent would. */
function MonitorMark() {
  return (
    <span
      aria-hidden
      className="flex size-8 flex-none items-center justify-center rounded-lg border border-line text-muted"
    >
      <Radar size={17} />
    </span>
  );
}

function Name({ fleetId, id, name, isQuiet }: { fleetId: number; id: number; name: string; isQuiet?: boolean }) {
  return (
    <a
      href={fleetHref(fleetId, id)}
      title={`#${id}`}
      className={`max-w-60 truncate hover:underline ${isQuiet ? "text-muted" : "font-semibold"}`}
    >
      <bdi>{plainName(name)}</bdi>
    </a>
  );
}

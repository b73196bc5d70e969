import type { Box } from "../api/queries";
import { MONITOR, senderName } from "../lib/messages";
import { plainName } from "../lib/text";
import { fullTime, timeOfDay, dayName } from "../lib/time";
import { useBox } from "../lib/useTimeline";
import { Body } from "./Body";
import { Chip } from "./Chip";
import { ForYou } from "./ForYou";
import { NoticeBody } from "./NoticeBody";
import { Skeleton } from "./Skeleton";
import { Trouble } from "./Trouble";

type Props = { fleetId: number; agentId: number; box: Box; isOfPerson: boolean };

/** The messages to an agent or from it, newest first, a page at a time. */
export function MessageBox({ fleetId, agentId, box, isOfPerson }: Props) {
  const { query, messages } = useBox(fleetId, agentId, box);
  return (
    <>
      <Trouble of={query} what={box === "inbox" ? "The inbox" : "What was sent"} />
      {query.isPending && <Skeleton rows={3} className="h-12" />}
      {query.data && messages.length === 0 && <p className="p-4 text-muted">Nothing yet.</p>}
      <ul className="divide-y divide-line">
        {messages.map((message) => (
          <li
            key={message.task_id}
            className={`px-4 py-2 text-[0.85rem] [contain-intrinsic-size:auto_4.5rem] [content-visibility:auto] ${
              message.status === "canceled" ? "text-muted line-through" : ""
            }`}
          >
            <div className="flex items-baseline gap-2 text-2xs text-muted">
              <bdi className="min-w-0 flex-1 truncate text-xs font-medium text-ink">
                {box === "inbox" ? senderName(message) : plainName(message.to_agent_name)}
                {box === "sent" && message.notice && (
                  <span className="font-normal text-muted"> · by the {MONITOR}</span>
                )}
              </bdi>
              <time dateTime={message.created_at} title={fullTime(message.created_at)}>
                {dayName(message.created_at, new Date())}, {timeOfDay(message.created_at)}
              </time>
            </div>
            {message.notice ? <NoticeBody text={message.body} /> : <Body text={message.body} />}
            {isOfPerson && box === "inbox" && message.status === "input_required" ? (
              <ForYou fleetId={fleetId} message={message} />
            ) : (
              <Chip message={message} />
            )}
          </li>
        ))}
      </ul>
      {query.hasNextPage && (
        <button
          type="button"
          className="control m-3"
          disabled={query.isFetchingNextPage}
          onClick={() => void query.fetchNextPage()}
        >
          Older messages
        </button>
      )}
    </>
  );
}

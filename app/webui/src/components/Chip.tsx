import { Check, CheckCheck, CircleAlert, CircleSlash, Clock, Hand, Keyboard, type LucideIcon } from "lucide-react";
import type { Message } from "../api/types";
import { progress, type Progress } from "../lib/messages";
import { fullTime, timeOfDay } from "../lib/time";

const LOOKS: Record<Progress, { icon: LucideIcon; className: string }> = {
  stored: { icon: Clock, className: "text-muted" },
  held: { icon: Hand, className: "text-warn" },
  typed: { icon: Keyboard, className: "text-info" },
  submitted: { icon: Check, className: "text-info" },
  failed: { icon: CircleAlert, className: "text-danger" },
  acknowledged: { icon: CheckCheck, className: "text-ok" },
  canceled: { icon: CircleSlash, className: "text-muted line-through" },
};

/** How far a message has come to one recipient; `name` says to whom where there are several. */
export function Chip({ message, name }: { message: Message; name?: string }) {
  const state = progress(message);
  const { icon: Icon, className } = LOOKS[state];
  const { delivery, status_timestamp } = message;
  const isDone = state === "acknowledged" || state === "canceled";
  const time = isDone ? status_timestamp : delivery?.updated_at;
  const why = (state === "held" || state === "failed" || state === "typed") && delivery?.reason;
  const title = [name, state, why, time && fullTime(time)].filter(Boolean).join(" · ");
  return (
    <span
      title={title}
      data-progress={state}
      className={`inline-flex max-w-full items-start gap-1 text-2xs leading-5 ${className}`}
    >
      <Icon size={13} aria-hidden className="mt-1 flex-none" />
      {name && <bdi className="max-w-40 truncate font-medium">{name}</bdi>}
      <span className={name && !why ? "sr-only" : "min-w-0 break-words"}>
        {state}
        {why && ` (${why})`}
        {!name && state === "acknowledged" && ` ${timeOfDay(status_timestamp)}`}
      </span>
    </span>
  );
}

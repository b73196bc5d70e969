import { ArrowRight, CircleAlert, LoaderCircle } from "lucide-react";
import type { Outgoing } from "../lib/outbox";
import { plainName } from "../lib/text";
import { Avatar } from "./Avatar";
import { Body } from "./Body";

type Props = { outgoing: Outgoing; from: { id: number; name: string }; onDiscard: (key: string) => void };

/** A message that this page sends and that is not yet among the fleet's messages. */
export function OutgoingView({ outgoing, from, onDiscard }: Props) {
  const isFailed = outgoing.state === "failed";
  return (
    <div className="flex gap-3 px-4 pt-2 pb-1" data-outgoing={outgoing.state}>
      <Avatar id={from.id} name={from.name} />
      <div className="max-w-[76rem] min-w-0 flex-1">
        <div className="flex items-baseline gap-x-1.5">
          <bdi className="font-semibold">{plainName(from.name)}</bdi>
          <ArrowRight size={13} role="img" aria-label="to" className="flex-none self-center text-muted" />
          <bdi className="text-muted">{outgoing.to === "*" ? "everyone" : plainName(outgoing.to.name)}</bdi>
        </div>
        <Body text={outgoing.body} />
        {isFailed ? (
          <span className="flex flex-wrap items-center gap-1 text-2xs leading-5 text-danger">
            <CircleAlert size={13} aria-hidden />
            not sent: {outgoing.problem}
            <button type="button" className="underline" onClick={() => onDiscard(outgoing.key)}>
              Remove
            </button>
          </span>
        ) : (
          <span className="flex items-center gap-1 text-2xs leading-5 text-muted">
            <LoaderCircle size={13} aria-hidden className="motion-safe:animate-spin" />
            sending
          </span>
        )}
      </div>
    </div>
  );
}

import { Fragment } from "react";
import { occurrences, withVisibleControls } from "../lib/text";

/** A text in which the words that were searched for are marked. */
export function Marked({ text, words }: { text: string; words: readonly string[] }) {
  const shown = withVisibleControls(text);
  let end = 0;
  const parts = occurrences(shown, words).map((place) => {
    const before = shown.slice(end, place.start);
    end = place.end;
    return (
      <Fragment key={place.start}>
        {before}
        <mark className="rounded-xs bg-warn-soft text-ink ring-1 ring-warn">{shown.slice(place.start, place.end)}</mark>
      </Fragment>
    );
  });
  return (
    <>
      {parts}
      {shown.slice(end)}
    </>
  );
}

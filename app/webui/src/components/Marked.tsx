import { Fragment } from "react";
import { occurrences, withVisibleControls } from "../lib/text";

/** A text in which the words that were searched for are marked. */
export function Marked({ text, words }: { text: string; words: readonly string[] }) {
  const shown = withVisibleControls(text);
  const places = occurrences(shown, words);
  const parts = places.map((place, index) => {
    const end = places[index - 1]?.end ?? 0;
    return (
      <Fragment key={place.start}>
        {shown.slice(end, place.start)}
        <mark className="rounded-xs bg-warn-soft text-ink ring-1 ring-warn">{shown.slice(place.start, place.end)}</mark>
      </Fragment>
    );
  });
  return (
    <>
      {parts}
      {shown.slice(places.at(-1)?.end ?? 0)}
    </>
  );
}

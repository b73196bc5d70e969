import { autoUpdate, flip, offset, shift, size, useFloating } from "@floating-ui/react-dom";
import { Megaphone } from "lucide-react";
import { type RefObject, useEffect, useLayoutEffect, useRef } from "react";
import { caretBox } from "../lib/caretBox";
import type { Suggestion } from "../lib/mention";
import { Avatar } from "./Avatar";

export const optionId = (index: number) => `mention-${index}`;

type Props = {
  field: RefObject<HTMLTextAreaElement | null>;
  /** Where in the field's text the mention begins. */
  at: number;
  options: Suggestion[];
  current: number;
  onPick: (token: string) => void;
};

/** The recipients to choose from, at the caret; the field keeps the focus and the keys. */
export function MentionList({ field, at, options, current, onPick }: Props) {
  const {
    refs: { setReference, setFloating },
    floatingStyles,
  } = useFloating({
    placement: "top-start",
    whileElementsMounted: autoUpdate,
    middleware: [
      offset(6),
      flip(),
      shift({ padding: 8 }),
      size({
        padding: 8,
        apply: ({ availableHeight, elements }) => {
          elements.floating.style.maxHeight = `${Math.min(availableHeight, 288)}px`;
        },
      }),
    ],
  });
  const chosen = useRef<HTMLLIElement>(null);
  useLayoutEffect(() => {
    const area = field.current;
    if (area) setReference({ getBoundingClientRect: () => caretBox(area, at), contextElement: area });
  }, [field, at, setReference]);
  useEffect(() => {
    // newer browsers return a promise, which an effect must not
    void chosen.current?.scrollIntoView({ block: "nearest" });
  }, [current]);
  return (
    <ul
      ref={setFloating}
      id="mentions"
      role="listbox"
      aria-label="Recipients"
      style={floatingStyles}
      className="z-30 w-64 overflow-y-auto rounded-lg border border-line bg-surface p-1 shadow-xl"
    >
      {options.map(({ to, token }, index) => (
        <li
          key={token}
          ref={index === current ? chosen : null}
          id={optionId(index)}
          role="option"
          aria-selected={index === current}
          className={`flex cursor-pointer items-center gap-2 rounded-md px-2 py-1 ${index === current ? "bg-accent-soft" : "hover:bg-raised"}`}
          // pressed, not clicked: a click would take the focus from the field first
          onMouseDown={(event) => {
            event.preventDefault();
            onPick(token);
          }}
        >
          {to === "*" ? (
            <Megaphone size={20} aria-hidden className="p-0.5" />
          ) : (
            <Avatar id={to.agent_id} name={to.name} small />
          )}
          <bdi className="min-w-0 flex-1 truncate">@{token}</bdi>
          <span className="text-2xs text-muted">{to === "*" ? "everyone" : `#${to.agent_id}`}</span>
        </li>
      ))}
    </ul>
  );
}

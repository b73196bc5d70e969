import { ChevronDown, ChevronUp, X } from "lucide-react";
import { type RefObject, useEffect, useRef, useState } from "react";
import type { Screen } from "../terminal/screen";

/** Finds a text on the screen and in what went before. */
export function TerminalSearch({ screen, onClose }: { screen: RefObject<Screen | null>; onClose: () => void }) {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const [text, setText] = useState("");
  const [isFound, setFound] = useState(true);
  const find = (wanted: string, isBackwards: boolean) => setFound(screen.current?.find(wanted, isBackwards) ?? true);
  const close = () => {
    find("", false);
    onClose();
  };
  return (
    <search className="mb-2 flex items-center gap-1 text-xs">
      <input
        ref={field}
        type="text"
        aria-label="Search the screen"
        placeholder="Search the screen"
        className="field min-w-0 flex-1"
        value={text}
        onChange={({ target }) => {
          setText(target.value);
          find(target.value, true);
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter") find(text, !event.shiftKey);
          if (event.key !== "Escape") return;
          // the panel stays open
          event.stopPropagation();
          close();
        }}
      />
      <span role="status" className="text-danger">
        {isFound ? "" : "not found"}
      </span>
      <button type="button" className="icon-button" aria-label="Find further up" onClick={() => find(text, true)}>
        <ChevronUp size={16} aria-hidden />
      </button>
      <button type="button" className="icon-button" aria-label="Find further down" onClick={() => find(text, false)}>
        <ChevronDown size={16} aria-hidden />
      </button>
      <button type="button" className="icon-button" aria-label="End the search" onClick={close}>
        <X size={16} aria-hidden />
      </button>
    </search>
  );
}

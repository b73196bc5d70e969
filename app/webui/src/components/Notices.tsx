import { X } from "lucide-react";
import { useEffect } from "react";
import { notify, useNotice } from "../lib/useNotice";

/** How long a notice stands. */
const STANDS = 8_000;

/** A sentence about what just happened; read out, and gone after a while. */
export function Notices() {
  const text = useNotice();
  useEffect(() => {
    if (text === "") return;
    const timer = window.setTimeout(() => notify(""), STANDS);
    return () => window.clearTimeout(timer);
  }, [text]);
  return (
    <div role="status" className="pointer-events-none fixed inset-x-0 bottom-28 z-40 flex justify-center px-4">
      {text !== "" && (
        <p className="pointer-events-auto flex items-center gap-2 rounded-lg border border-line bg-surface py-1 pr-1 pl-4 shadow-lg">
          {text}
          <button type="button" className="icon-button" aria-label="Close the notice" onClick={() => notify("")}>
            <X size={16} aria-hidden />
          </button>
        </p>
      )}
    </div>
  );
}

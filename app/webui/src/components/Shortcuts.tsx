import { X } from "lucide-react";
import { useModal } from "../lib/useModal";
import { SHORTCUTS } from "../lib/useShortcuts";

const COMPOSER = {
  Enter: "Send",
  "Shift Enter": "Begin a new line",
  "@": "Choose who gets it, with the arrows, Enter or Tab, Esc",
  Esc: "Leave the field, close the panel",
};

/** The keys that work here. */
export function Shortcuts({ onClose }: { onClose: () => void }) {
  const dialog = useModal();
  return (
    <dialog
      ref={dialog}
      aria-labelledby="shortcuts"
      className="m-auto w-[min(26rem,92vw)] rounded-xl border border-line bg-surface p-5 text-ink shadow-2xl"
      onClose={onClose}
    >
      <div className="mb-3 flex items-center justify-between">
        <h2 id="shortcuts" className="text-base font-semibold">
          Keys
        </h2>
        <button type="button" className="icon-button" aria-label="Close" onClick={onClose}>
          <X size={17} aria-hidden />
        </button>
      </div>
      <dl className="grid grid-cols-[auto_1fr] items-baseline gap-x-4 gap-y-1.5">
        {[...Object.entries(SHORTCUTS), ...Object.entries(COMPOSER)].map(([key, what]) => (
          <div key={key} className="contents">
            <dt>
              <kbd className="rounded-md border border-line bg-raised px-1.5 py-0.5 font-mono text-xs">{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </dialog>
  );
}

import { useEffect, useRef } from "react";
import { linesOf } from "../terminal/paste";

type Props = { name: string; text: string; onPaste: () => void; onClose: () => void };

/** Asks before several lines are typed at once: a program may take each of them for a command. */
export function PasteQuestion({ name, text, onPaste, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      ref={dialog}
      aria-labelledby="paste-question"
      className="m-auto w-[min(34rem,92vw)] rounded-xl border border-line bg-surface p-5 text-ink shadow-2xl"
      onClose={onClose}
      onKeyDown={(event) => event.stopPropagation()}
    >
      <h2 id="paste-question" className="text-base font-semibold">
        Paste {linesOf(text)} lines into <bdi>{name}</bdi>?
      </h2>
      <pre
        tabIndex={0}
        aria-label="What would be typed"
        className="my-3 max-h-60 overflow-auto rounded-lg border border-line bg-raised p-2 font-mono text-xs whitespace-pre-wrap"
      >
        {text}
      </pre>
      <form method="dialog" className="flex justify-end gap-2">
        <button className="control">Cancel</button>
        <button className="control" onClick={onPaste}>
          Paste
        </button>
      </form>
    </dialog>
  );
}

import { SendHorizontal } from "lucide-react";
import { type KeyboardEvent, useImperativeHandle, useLayoutEffect, useRef, useState, type Ref } from "react";
import { loadDraft, saveDraft } from "../lib/draft";
import { complete, firstChoice, mentionAt, readdressed, readDraft, suggestions, type Addressee } from "../lib/mention";
import type { Sent } from "../lib/useOutbox";
import { MentionList, optionId } from "./MentionList";

/** What others can make the composer do. */
export type ComposerHandle = { focus: () => void; mention: (token: string) => void };

type Props = {
  ref: Ref<ComposerHandle>;
  fleetId: number;
  /** Who can be written to; null until that is known. */
  addressees: Addressee[] | null;
  /** Why nothing can be sent; null when it can. */
  obstacle: string | null;
  onSend: (to: Addressee | "*", body: string) => Promise<Sent>;
};

/** Where a message is written: who gets it stands at its beginning. */
export function Composer({ ref, fleetId, addressees, obstacle, onSend }: Props) {
  const [text, setText] = useState(() => loadDraft(fleetId));
  const [caret, setCaret] = useState<number | null>(null);
  const [chosen, setChosen] = useState<number | null>(null);
  const [closedAt, setClosedAt] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const nextCaret = useRef<number | null>(null);

  const mention = caret === null ? null : mentionAt(text, caret);
  const options = mention && addressees && closedAt !== mention.query ? suggestions(mention.query, addressees) : [];
  const isListOpen = options.length > 0 && obstacle === null;
  const current = Math.min(chosen ?? firstChoice(mention?.query ?? "", options), options.length - 1);

  const write = (value: string) => {
    setText(value);
    saveDraft(fleetId, value);
    setProblem(null);
    setChosen(null);
  };
  const pick = (token: string) => {
    const done = complete(text, caret ?? text.length, token);
    nextCaret.current = done.caret;
    setCaret(done.caret);
    write(done.text);
    field.current?.focus();
  };
  const submit = async () => {
    if (!addressees) {
      setProblem("Who can be written to is still being asked: try again in a moment.");
      return;
    }
    const draft = readDraft(text, addressees);
    if (!draft.ok) {
      setProblem(draft.message);
      return;
    }
    const written = text;
    setText("");
    setCaret(null);
    setProblem(null);
    // what is kept is given up only when the server has it, and when nothing else was written meanwhile
    const failure = await onSend(draft.to, draft.body);
    if (failure === null) {
      if (loadDraft(fleetId) === written) saveDraft(fleetId, "");
      return;
    }
    // it comes back to be written on, unless something else is being written: then it stays among the messages
    if (field.current?.value === "") {
      setText(written);
      failure.discard();
    } else failure.keep();
    setProblem(`Not sent: ${failure.problem}`);
  };
  useImperativeHandle(ref, () => ({
    focus: () => field.current?.focus(),
    mention: (token) => {
      write(readdressed(text, token, addressees ?? []));
      field.current?.focus();
    },
  }));
  useLayoutEffect(() => {
    const area = field.current;
    if (!area) return;
    area.style.height = "auto";
    area.style.height = `${Math.min(area.scrollHeight + 2, 240)}px`;
    if (nextCaret.current === null) return;
    area.setSelectionRange(nextCaret.current, nextCaret.current);
    nextCaret.current = null;
  }, [text]);

  const pressed = (event: KeyboardEvent) => {
    // Enter that ends a composition of an input method is not ours; Safari tells by the key code alone
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    const option = options[current];
    if (isListOpen && option && mention) {
      const move = { ArrowDown: 1, ArrowUp: options.length - 1 }[event.key];
      if (move !== undefined) setChosen((current + move) % options.length);
      else if (event.key === "Escape") setClosedAt(mention.query);
      else if (event.key === "Tab" || (event.key === "Enter" && !event.shiftKey)) pick(option.token);
      else return;
      event.preventDefault();
      event.stopPropagation();
    } else if (event.key === "Enter" && !event.shiftKey && !matchMedia("(pointer: coarse)").matches) {
      // a keyboard on a touch screen has no Shift for another line; there the button sends
      event.preventDefault();
      void submit();
    } else if (event.key === "Escape") field.current?.blur();
  };

  return (
    <div className="flex-none border-t border-line bg-surface px-4 pt-3 pb-1.5">
      <div className="flex max-w-[79rem] items-end gap-2">
        <textarea
          ref={field}
          rows={1}
          aria-label="Message"
          aria-invalid={problem !== null}
          aria-describedby="composer-problem"
          aria-autocomplete="list"
          aria-controls={isListOpen ? "mentions" : undefined}
          aria-activedescendant={isListOpen ? optionId(current) : undefined}
          className="field max-h-60 min-h-10 flex-1 resize-none py-2 leading-5"
          placeholder={obstacle ? "" : "@name message, or @all message"}
          disabled={obstacle !== null}
          value={text}
          onChange={(event) => {
            write(event.target.value);
            setCaret(event.target.selectionStart);
            setClosedAt(null);
          }}
          onSelect={(event) => setCaret(event.currentTarget.selectionStart)}
          onBlur={() => setCaret(null)}
          onKeyDown={pressed}
        />
        <button
          type="button"
          aria-label="Send"
          className="inline-flex h-10 w-11 flex-none items-center justify-center rounded-lg bg-accent text-on-accent disabled:bg-raised disabled:text-muted"
          disabled={obstacle !== null}
          onClick={() => void submit()}
        >
          <SendHorizontal size={18} aria-hidden />
        </button>
      </div>
      <div className="grid min-h-5 pt-1 text-xs *:col-start-1 *:row-start-1">
        <p id="composer-problem" role="alert" className="text-danger">
          {obstacle ?? problem}
        </p>
        {!obstacle && !problem && (
          <p className="text-2xs leading-4 text-muted">
            Enter sends · Shift Enter begins a new line · Esc leaves the field
          </p>
        )}
      </div>
      {isListOpen && mention && (
        <MentionList field={field} at={mention.start} options={options} current={current} onPick={pick} />
      )}
    </div>
  );
}

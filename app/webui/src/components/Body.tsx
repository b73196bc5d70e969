import { type ReactNode, useMemo, useState } from "react";
import { blocks, fold, type Span, STEP_CHARACTERS, STEP_LINES, withVisibleControls } from "../lib/text";
import { Marked } from "./Marked";

const NO_WORDS: readonly string[] = [];

/**
 * A message's body: text with its line breaks, links, fenced code, and marks on words that were searched for. It is data;
 * nothing in it becomes markup.
 */
export function Body({ text, words = NO_WORDS }: { text: string; words?: readonly string[] }) {
  const [steps, setSteps] = useState(0);
  const hidden = useMemo(() => isHidden(text, words), [text, words]);
  // what was found must be seen
  const step = Math.max(steps, hidden ? 1 : 0);
  const folded = useMemo(() => fold(text, step), [text, step]);
  const shown = folded ? folded.head : text;
  const parts = useMemo(() => blocks(shown), [shown]);
  return (
    <div dir="auto" className="min-w-0">
      {parts.map((part, index) =>
        part.kind === "code" ? (
          <pre
            key={index}
            tabIndex={0}
            aria-label={part.language ? `${part.language} code` : "code"}
            className="my-1 w-fit max-w-full min-w-[min(20rem,100%)] overflow-x-auto rounded-lg border border-line bg-raised px-3 py-2 font-mono text-[0.8rem] leading-5"
          >
            <code>
              <Marked text={part.text} words={words} />
            </code>
          </pre>
        ) : (
          <p key={index} className="break-words whitespace-pre-wrap">
            {part.spans.map((span, at) => renderSpan(span, at, words))}
          </p>
        ),
      )}
      <span className="flex gap-4">
        {folded && (
          <Fold isOpen={false} onClick={() => setSteps(step + 1)}>
            Show {left(folded)} more
          </Fold>
        )}
        {steps > 0 && (
          <Fold isOpen onClick={() => setSteps(0)}>
            Show less
          </Fold>
        )}
      </span>
    </div>
  );
}

/** Whether a word that was searched for stands only in what is folded away. */
function isHidden(text: string, words: readonly string[]): boolean {
  const head = fold(text)?.head.toLowerCase();
  if (head === undefined) return false;
  const all = text.toLowerCase();
  return words.some((word) => !head.includes(word) && all.includes(word));
}

function Fold({ isOpen, onClick, children }: { isOpen: boolean; onClick: () => void; children: ReactNode }) {
  return (
    <button
      type="button"
      className="mt-0.5 min-h-6 text-xs font-medium text-accent underline-offset-2 hover:underline"
      aria-expanded={isOpen}
      onClick={onClick}
    >
      {children}
    </button>
  );
}

function left({ hiddenLines, hiddenCharacters }: { hiddenLines: number; hiddenCharacters: number }): string {
  if (hiddenLines > 0) return `${Math.min(hiddenLines, STEP_LINES)} lines`;
  return `${Math.min(hiddenCharacters, STEP_CHARACTERS).toLocaleString("en")} characters`;
}

function renderSpan(span: Span, index: number, words: readonly string[]) {
  if (!span.href) return <Marked key={index} text={span.text} words={words} />;
  return (
    <bdi key={index}>
      <a
        href={span.href}
        target="_blank"
        rel="noopener noreferrer nofollow"
        className="break-all text-accent underline decoration-1 underline-offset-2"
      >
        {withVisibleControls(span.text)}
      </a>
    </bdi>
  );
}

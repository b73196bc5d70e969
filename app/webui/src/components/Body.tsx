import { useMemo, useState } from "react";
import { blocks, fold, type Span } from "../lib/text";

/** A message's body: text with its line breaks, links, fenced code. It is data; nothing in it becomes markup. */
export function Body({ text }: { text: string }) {
  const [isOpen, setOpen] = useState(false);
  const folded = useMemo(() => fold(text), [text]);
  const shown = folded && !isOpen ? folded.head : text;
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
            <code>{part.text}</code>
          </pre>
        ) : (
          <p key={index} className="break-words whitespace-pre-wrap">
            {part.spans.map(renderSpan)}
          </p>
        ),
      )}
      {folded && (
        <button
          type="button"
          className="mt-0.5 text-xs font-medium text-accent underline-offset-2 hover:underline"
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
        >
          {isOpen ? "Show less" : `Show ${hidden(folded)} more`}
        </button>
      )}
    </div>
  );
}

function hidden({ hiddenLines, hiddenCharacters }: { hiddenLines: number; hiddenCharacters: number }): string {
  return hiddenLines > 0 ? `${hiddenLines} lines` : `${hiddenCharacters.toLocaleString("en")} characters`;
}

function renderSpan(span: Span, index: number) {
  if (!span.href) return span.text;
  return (
    <a
      key={index}
      href={span.href}
      target="_blank"
      rel="noopener noreferrer nofollow"
      className="break-all text-accent underline decoration-1 underline-offset-2"
    >
      {span.text}
    </a>
  );
}

import { noticeParts } from "../lib/messages";

/** What CAFleet itself has to say; the screen that it quotes stands apart from its words. */
export function NoticeBody({ text }: { text: string }) {
  const { words, screen } = noticeParts(text);
  return (
    <div dir="auto" className="min-w-0">
      <p className="break-words whitespace-pre-wrap">{words}</p>
      {screen && (
        <figure className="my-1 ml-4 w-fit max-w-[calc(100%-1rem)] min-w-[min(20rem,100%)] border-l-4 border-line">
          <figcaption className="px-3 text-2xs text-muted">The end of its screen, as it was then</figcaption>
          <pre
            tabIndex={0}
            aria-label="The end of its screen"
            className="max-h-44 overflow-auto bg-raised px-3 py-2 font-mono text-[0.75rem] leading-[1.15rem]"
          >
            {screen}
          </pre>
        </figure>
      )}
    </div>
  );
}

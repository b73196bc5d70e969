import { useCallback, useEffect, useRef, useState } from "react";
import { reason } from "../api/client";
import { takeToken } from "../api/queries";
import type { Agent } from "../api/types";
import { plainName } from "../lib/text";
import { zoomed } from "../terminal/fit";
import { linesOf, pasteable } from "../terminal/paste";
import { PaneView } from "../terminal/PaneView";
import type { Screen } from "../terminal/screen";
import { TOUCH_KEYS } from "../terminal/touchKeys";
import type { PaneConnection } from "../terminal/stream";
import { PaneState } from "./PaneState";
import { PasteQuestion } from "./PasteQuestion";
import { TerminalSearch } from "./TerminalSearch";
import { TerminalTools } from "./TerminalTools";

type Props = { fleetId: number; agent: Agent; isHeard: boolean; isWide: boolean; onWide: (isWide: boolean) => void };

/** As many rows above the screen as the server keeps. */
const SCROLLBACK = 2000;

/** The live screen of an agent; a person may look, search and copy, and type after taking it over. */
export function AgentTerminal({ fleetId, agent, isHeard, isWide, onWide }: Props) {
  const [connection, setConnection] = useState<PaneConnection>({ state: "connecting" });
  const [title, setTitle] = useState("");
  const [token, setToken] = useState<string | null>(null);
  const [problem, setProblem] = useState("");
  const [zoom, setZoom] = useState<number | null>(null);
  const [isSearching, setSearching] = useState(false);
  const [question, setQuestion] = useState<string | null>(null);
  const screen = useRef<Screen | null>(null);
  const fontSize = useRef(12);
  const hasGivenBack = useRef(false);
  const takeOverButton = useRef<HTMLButtonElement>(null);
  const name = plainName(agent.name);
  const isTyping = token !== null && connection.state === "live";

  const takeOver = async () => {
    setProblem("");
    try {
      const permission = await takeToken(fleetId, agent.agent_id);
      // nobody types before the stream that takes it is there
      setConnection({ state: "connecting" });
      setToken(permission);
    } catch (error) {
      setProblem(`It cannot be taken over: ${reason(error)}`);
    }
  };
  const giveBack = useCallback((why = "") => {
    setToken(null);
    setQuestion(null);
    setProblem(why);
    hasGivenBack.current = true;
  }, []);
  useEffect(() => {
    // the screen takes no focus any more, so that it would be nowhere
    if (token === null && hasGivenBack.current) takeOverButton.current?.focus();
    hasGivenBack.current = false;
  }, [token]);
  const heard = (now: PaneConnection) => {
    setConnection(now);
    if (token !== null && now.state === "ended") giveBack(`You type no longer: ${now.reason}`);
  };
  const pasted = (event: React.ClipboardEvent) => {
    event.preventDefault();
    event.stopPropagation();
    const text = pasteable(event.clipboardData.getData("text/plain"));
    if (!isTyping || text === "") return;
    if (linesOf(text) > 1) setQuestion(text);
    else screen.current?.paste(text);
  };
  const copied = (event: React.ClipboardEvent) => {
    if (!screen.current?.terminal.hasSelection()) return;
    event.preventDefault();
    event.clipboardData.setData("text/plain", screen.current.text());
  };
  return (
    <section aria-label="Screen" className="flex-none border-b border-line px-4 py-3">
      <TerminalTools
        screen={screen}
        title={title}
        isWide={isWide}
        isSearching={isSearching}
        onWide={() => onWide(!isWide)}
        onSearch={() => setSearching(!isSearching)}
        onZoom={(by) => setZoom(by === 0 ? null : zoomed(zoom ?? fontSize.current, by))}
      />
      {isSearching && <TerminalSearch screen={screen} onClose={() => setSearching(false)} />}
      <div
        role="presentation"
        data-pane={isTyping ? "typing" : connection.state}
        className={`overflow-hidden rounded-lg border-2 ${isTyping ? "border-warn" : "border-line"}`}
        // what is typed here is the agent's: no key of the page may hear of it
        onKeyDown={(event) => isTyping && event.stopPropagation()}
        onPasteCapture={pasted}
        onCopy={copied}
      >
        {isTyping && (
          <p
            role="status"
            className="flex flex-wrap items-center gap-x-3 gap-y-1 bg-warn-soft px-2 py-1 text-xs text-warn"
          >
            <span className="min-w-48 flex-1">
              You are typing into <bdi className="font-semibold">{name}</bdi>; messages wait while you do.{" "}
              <kbd className="font-mono">Ctrl-]</kbd> or <kbd className="font-mono">Ctrl-Shift-Backspace</kbd> gives it
              back.
            </span>
            <button type="button" className="control" onClick={() => giveBack()}>
              Give back
            </button>
          </p>
        )}
        <div className={isWide ? "h-[70dvh]" : "h-60"}>
          <PaneView
            key={agent.pane_id}
            fleetId={fleetId}
            agentId={agent.agent_id}
            token={token}
            scrollback={SCROLLBACK}
            zoom={zoom}
            screen={screen}
            onConnection={heard}
            onTitle={setTitle}
            onFontSize={(size) => (fontSize.current = size)}
            onLeave={giveBack}
            box={{
              role: "group",
              "aria-label": `Screen of ${name}`,
              tabIndex: isTyping ? -1 : 0,
              onKeyDown: (event) => !isTyping && scroll(event, screen.current),
              onMouseDown: (event) => !isTyping && event.currentTarget.focus({ preventScroll: true }),
            }}
          />
        </div>
      </div>
      {isTyping && (
        <div role="group" aria-label="Keys" className="mt-2 hidden flex-wrap gap-1 pointer-coarse:flex">
          {TOUCH_KEYS.map((key) => (
            <button
              key={key}
              type="button"
              className="control min-w-10"
              // pressed, not clicked: the keyboard of the screen stays where it is
              onPointerDown={(event) => event.preventDefault()}
              onClick={() => screen.current?.press(key)}
            >
              {key}
            </button>
          ))}
        </div>
      )}
      <div className="mt-2 flex min-h-8 items-center gap-2 text-xs">
        <span className="min-w-0 flex-1">
          <PaneState connection={connection} isHeard={isHeard} isTyping={isTyping} />
        </span>
        <button
          type="button"
          ref={takeOverButton}
          className={`control flex-none aria-disabled:cursor-not-allowed aria-disabled:text-muted ${token === null ? "" : "hidden"}`}
          aria-disabled={connection.state !== "live"}
          onClick={() => connection.state === "live" && void takeOver()}
        >
          Take over
        </button>
      </div>
      {problem && (
        <p role="alert" className="mt-2 rounded-lg bg-danger-soft px-3 py-2 text-xs text-danger">
          {problem}
        </p>
      )}
      {question !== null && (
        <PasteQuestion
          name={name}
          text={question}
          onPaste={() => screen.current?.paste(question)}
          onClose={() => {
            setQuestion(null);
            screen.current?.terminal.focus();
          }}
        />
      )}
    </section>
  );
}

/** Moves through the history by the keys that move through a page. */
function scroll(event: React.KeyboardEvent, screen: Screen | null): void {
  const move: Record<string, () => void> = {
    PageUp: () => screen?.terminal.scrollPages(-1),
    PageDown: () => screen?.terminal.scrollPages(1),
    Home: () => screen?.terminal.scrollToTop(),
    End: () => screen?.terminal.scrollToBottom(),
  };
  const wanted = move[event.key];
  if (!wanted) return;
  event.preventDefault();
  wanted();
}

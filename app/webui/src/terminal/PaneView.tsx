import { type HTMLAttributes, type RefObject, useEffect, useRef, useState } from "react";
import { fitting, measure, pictured } from "./fit";
import type { Screen } from "./screen";
import { followPane, type PaneConnection } from "./stream";

type Props = {
  fleetId: number;
  agentId: number;
  /** With a token, what is typed goes to the pane. */
  token?: string | null;
  scrollback: number;
  /** The size of letters that a person chose; otherwise all of the screen is shown. */
  zoom?: number | null;
  onConnection: (connection: PaneConnection) => void;
  onTitle?: (title: string) => void;
  onFontSize?: (size: number) => void;
  onLeave?: () => void;
  screen?: RefObject<Screen | null>;
  /** What makes the box something that a person can reach; a picture has none of it. */
  box?: HTMLAttributes<HTMLDivElement>;
};

/** The live screen of a pane, in the middle of the box that it is given. It never changes the size of the pane. */
export function PaneView({
  fleetId,
  agentId,
  token = null,
  scrollback,
  zoom = null,
  screen: screenRef,
  box: attributes,
  ...told
}: Props) {
  const box = useRef<HTMLDivElement>(null);
  const holder = useRef<HTMLDivElement>(null);
  const [screen, setScreen] = useState<Screen | null>(null);
  const [size, setSize] = useState<{ columns: number; rows: number } | null>(null);
  // a picture is scaled as one, which fills its box better; a mouse would select the wrong letters in it
  const isPicture = attributes === undefined;
  const listeners = useRef(told);
  useEffect(() => {
    listeners.current = told;
  });
  const send = useRef<(bytes: Uint8Array) => void>(() => {});

  useEffect(() => {
    if (!screen) return;
    const stream = followPane(fleetId, agentId, token, {
      onConnection: (connection) => {
        screen.allowTyping(token !== null && connection.state === "live");
        listeners.current.onConnection(connection);
      },
      onSnapshot: (columns, rows, bytes) => {
        setSize({ columns, rows });
        screen.show(columns, rows, bytes);
      },
      onOutput: (bytes) => screen.write(bytes),
      onTitle: (title) => listeners.current.onTitle?.(title),
    });
    send.current = stream.send;
    return () => {
      send.current = () => {};
      screen.allowTyping(false);
      stream.stop();
    };
  }, [screen, fleetId, agentId, token]);

  useEffect(() => {
    const element = box.current;
    if (!screen || !element || !size) return;
    const letter = measure(getComputedStyle(element).fontFamily);
    const fit = () => {
      const { clientWidth: width, clientHeight: height } = element;
      if (isPicture && holder.current) {
        holder.current.style.transform = pictured(size.columns, size.rows, { width, height }, letter);
        return;
      }
      const fontSize = zoom ?? fitting(size.columns, size.rows, { width, height }, letter);
      screen.setFontSize(fontSize);
      listeners.current.onFontSize?.(fontSize);
    };
    const observer = new ResizeObserver(fit);
    observer.observe(element);
    return () => observer.disconnect();
  }, [screen, size, zoom, isPicture]);

  // the last effect, so that it ends last: the others still use the screen
  useEffect(() => {
    let made: Screen | null = null;
    let isOver = false;
    const make = async () => {
      // by itself larger than the rest of the page, and needed by nobody who looks at no pane
      const { Screen } = await import("./screen");
      if (isOver || !holder.current) return;
      made = new Screen(holder.current, {
        scrollback,
        fontFamily: getComputedStyle(holder.current).fontFamily,
        onInput: (bytes) => send.current(bytes),
        onSize: (columns, rows) => setSize({ columns, rows }),
        onLeave: () => listeners.current.onLeave?.(),
      });
      if (screenRef) screenRef.current = made;
      setScreen(made);
    };
    make().catch(() => {
      listeners.current.onConnection({ state: "ended", reason: "the terminal cannot be loaded; reload the page" });
    });
    return () => {
      isOver = true;
      if (screenRef) screenRef.current = null;
      setScreen(null);
      made?.dispose();
    };
  }, [scrollback, screenRef]);

  return (
    <div
      ref={box}
      {...attributes}
      className={`size-full bg-black font-mono ${isPicture ? "overflow-hidden" : "overflow-auto"}`}
    >
      <div className={isPicture ? "size-full" : "grid min-h-full w-max min-w-full place-content-center"}>
        <div
          ref={holder}
          className={`overflow-hidden ${isPicture ? "w-max origin-top-left" : ""} ${size ? "" : "invisible"}`}
        />
      </div>
    </div>
  );
}

import { SearchAddon } from "@xterm/addon-search";
import { type ITheme, Terminal } from "@xterm/xterm";
import "@xterm/xterm/css/xterm.css";
import { PICTURED } from "./fit";
import { leaves } from "./keys";
import { silence } from "./silence";
import { sequenceOf, type TouchKey } from "./touchKeys";
import { likeTheServer } from "./widths";

/**
 * Dark in every theme of the page: the server tells programs that they are on black, and their colours are made for that.
 */
const THEME: ITheme = {
  background: "#000000",
  // half of it, in which dim letters are, can still be read
  foreground: "#eeeeee",
  cursor: "#e5e5e5",
  cursorAccent: "#000000",
  selectionBackground: "#2f6f8f",
  selectionInactiveBackground: "#2f6f8f",
  black: "#000000",
  red: "#ff6b64",
  green: "#5fd38d",
  yellow: "#e8c268",
  blue: "#7aa8ff",
  magenta: "#d79bf0",
  cyan: "#5fd4c4",
  white: "#d6d9dd",
  brightBlack: "#8a9099",
  brightRed: "#ff9089",
  brightGreen: "#8fe6b2",
  brightYellow: "#f5d78e",
  brightBlue: "#a5c4ff",
  brightMagenta: "#e6bdf7",
  brightCyan: "#93e6da",
  brightWhite: "#ffffff",
};

/** What is not drawn yet; with more than this a new picture is quicker. */
const BEHIND = 4 * 1024 * 1024;
/** Ends whatever sequence has begun (CAN), and begins anew (RIS). */
const RESET = "\x18\x1bc";

type Options = {
  scrollback: number;
  fontFamily: string;
  onInput: (bytes: Uint8Array) => void;
  onSize: (columns: number, rows: number) => void;
  /** A key that leaves the screen was pressed. */
  onLeave: () => void;
};

/** The screen of a pane, as the browser draws it: it shows, and passes on what is typed only while it is told to. */
export class Screen {
  readonly terminal: Terminal;
  private readonly search = new SearchAddon();
  private behind = 0;
  private mayType = false;

  constructor(element: HTMLElement, { scrollback, fontFamily, onInput, onSize, onLeave }: Options) {
    this.terminal = new Terminal({
      allowProposedApi: true,
      disableStdin: true,
      scrollback,
      fontFamily,
      fontSize: PICTURED,
      theme: THEME,
      minimumContrastRatio: 4.5,
      cursorBlink: false,
      cursorInactiveStyle: "outline",
      macOptionIsMeta: true,
    });
    likeTheServer(this.terminal);
    silence(this.terminal.parser, () => this.mayType);
    this.terminal.loadAddon(this.search);
    const encoder = new TextEncoder();
    this.terminal.onData((text) => this.mayType && onInput(encoder.encode(text)));
    this.terminal.onBinary((text) => this.mayType && onInput(Uint8Array.from(text, (sign) => sign.charCodeAt(0))));
    this.terminal.onResize(({ cols, rows }) => onSize(cols, rows));
    this.terminal.attachCustomKeyEventHandler((event) => {
      if (!leaves(event)) return this.mayType;
      event.preventDefault();
      if (event.type === "keydown") onLeave();
      return false;
    });
    this.terminal.open(element);
    this.allowTyping(false);
  }

  /** Shows a pane of this size anew, after all that waits to be drawn. */
  show(columns: number, rows: number, bytes: Uint8Array): void {
    this.terminal.write(RESET, () => this.terminal.resize(columns, rows));
    this.draw(bytes);
  }

  /** Shows further output; false when too much of it waits to be drawn. */
  write(bytes: Uint8Array): boolean {
    if (this.behind > BEHIND) return false;
    this.draw(bytes);
    return true;
  }

  private draw(bytes: Uint8Array): void {
    this.behind += bytes.length;
    this.terminal.write(bytes, () => {
      this.behind -= bytes.length;
    });
  }

  /** Lets what is typed pass, or not. */
  allowTyping(may: boolean): void {
    this.mayType = may;
    this.terminal.options.disableStdin = !may;
    this.terminal.options.cursorBlink = may && !matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.terminal.options.screenReaderMode = may;
    const { textarea } = this.terminal;
    // a field in which nothing can be written takes no focus, so that the page's keys go on to work
    if (textarea) textarea.disabled = !may;
    if (may) this.terminal.focus();
  }

  setFontSize(size: number): void {
    this.terminal.options.fontSize = size;
  }

  /** Selects the next place where the screen or its history says this; false when there is none. */
  find(text: string, isBackwards: boolean): boolean {
    if (text === "") {
      this.search.clearDecorations();
      this.terminal.clearSelection();
      return true;
    }
    return isBackwards ? this.search.findPrevious(text) : this.search.findNext(text);
  }

  /** What is selected, or else all that the screen shows. */
  text(): string {
    if (this.terminal.hasSelection()) return this.terminal.getSelection();
    const { active } = this.terminal.buffer;
    const rows = Array.from({ length: this.terminal.rows }, (_, row) => {
      return active.getLine(active.viewportY + row)?.translateToString(true) ?? "";
    });
    return rows.join("\n").trimEnd();
  }

  /** Types a key that a person cannot press. */
  press(key: TouchKey): void {
    if (this.mayType) this.terminal.input(sequenceOf(key, this.terminal.modes.applicationCursorKeysMode));
  }

  /** Types a text as a paste. */
  paste(text: string): void {
    if (this.mayType) this.terminal.paste(text);
  }

  dispose(): void {
    this.terminal.dispose();
  }
}

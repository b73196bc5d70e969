import { Check, Copy, Maximize2, Minimize2, Scan, Search, ZoomIn, ZoomOut } from "lucide-react";
import { type ReactNode, type RefObject, useEffect, useState } from "react";
import { plainName } from "../lib/text";
import type { Screen } from "../terminal/screen";

type Props = {
  screen: RefObject<Screen | null>;
  title: string;
  isWide: boolean;
  isSearching: boolean;
  onWide: () => void;
  onSearch: () => void;
  /** One step larger or smaller; 0 shows all of the screen. */
  onZoom: (by: 1 | -1 | 0) => void;
};

/** The title that the program gave its terminal, and what a person can do with the screen. */
export function TerminalTools({ screen, title, isWide, isSearching, onWide, onSearch, onZoom }: Props) {
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = window.setTimeout(() => setCopied(false), 2000);
    return () => window.clearTimeout(timer);
  }, [isCopied]);
  const copy = async () => {
    await navigator.clipboard.writeText(screen.current?.text() ?? "");
    setCopied(true);
  };
  return (
    <div className="mb-1 flex items-center">
      <h3 className="min-w-0 flex-1 truncate text-xs font-medium">
        <bdi>{title.trim() === "" ? "Screen" : plainName(title)}</bdi>
      </h3>
      <Tool label="Search the screen" isPressed={isSearching} onClick={onSearch}>
        <Search size={15} aria-hidden />
      </Tool>
      <Tool
        label={isCopied ? "Copied" : "Copy what is selected, or the screen"}
        onClick={() => void copy().catch(() => setCopied(false))}
      >
        {isCopied ? <Check size={15} aria-hidden /> : <Copy size={15} aria-hidden />}
      </Tool>
      <Tool label="Smaller letters" onClick={() => onZoom(-1)}>
        <ZoomOut size={15} aria-hidden />
      </Tool>
      <Tool label="Larger letters" onClick={() => onZoom(1)}>
        <ZoomIn size={15} aria-hidden />
      </Tool>
      <Tool label="Show all of the screen" onClick={() => onZoom(0)}>
        <Scan size={15} aria-hidden />
      </Tool>
      <span className="hidden sm:inline">
        <Tool label={isWide ? "Make the panel narrow" : "Make the panel wide"} isPressed={isWide} onClick={onWide}>
          {isWide ? <Minimize2 size={15} aria-hidden /> : <Maximize2 size={15} aria-hidden />}
        </Tool>
      </span>
    </div>
  );
}

type ToolProps = { label: string; isPressed?: boolean; onClick: () => void; children: ReactNode };

function Tool({ label, isPressed, onClick, children }: ToolProps) {
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={label}
      title={label}
      aria-pressed={isPressed}
      onClick={onClick}
    >
      {children}
    </button>
  );
}

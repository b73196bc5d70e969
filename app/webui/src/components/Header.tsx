import { ChevronRight, CircleHelp, Users } from "lucide-react";
import type { ReactNode } from "react";
import { fleetsHref } from "../lib/route";
import { Logo } from "./Logo";
import { ThemeSwitch } from "./ThemeSwitch";

type Props = { fleet?: ReactNode; views?: ReactNode; children?: ReactNode; onHelp?: () => void; onAgents?: () => void };

/** The bar at the top: where the person is, how things are, and what is always at hand. */
export function Header({ fleet, views, children, onHelp, onAgents }: Props) {
  return (
    <header className="flex h-12 flex-none items-center gap-2 sm:gap-3 border-b border-line bg-surface px-4 text-xs">
      {onAgents && (
        <button type="button" className="icon-button -ml-2 md:hidden" aria-label="Agents" onClick={onAgents}>
          <Users size={18} aria-hidden />
        </button>
      )}
      <nav aria-label="Breadcrumb" className="flex min-w-0 flex-1 items-center gap-1.5 text-[0.9rem]">
        <a
          href={fleetsHref}
          className={`flex flex-none items-center gap-2 hover:underline ${fleet ? "text-muted" : "font-semibold"}`}
        >
          <Logo />
          <span className={fleet ? "sr-only sm:not-sr-only" : ""}>Fleets</span>
        </a>
        {fleet && (
          <>
            <ChevronRight size={14} aria-hidden className="flex-none text-muted" />
            <h1 className="min-w-0 truncate font-semibold">{fleet}</h1>
          </>
        )}
      </nav>
      {views}
      {children}
      <span className="flex flex-none">
        <ThemeSwitch />
        {onHelp && (
          <button
            type="button"
            className="icon-button hidden sm:inline-flex"
            aria-label="Keys"
            title="Keys (?)"
            onClick={onHelp}
          >
            <CircleHelp size={17} aria-hidden />
          </button>
        )}
      </span>
    </header>
  );
}

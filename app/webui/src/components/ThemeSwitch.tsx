import { Monitor, Moon, Sun } from "lucide-react";
import { useState } from "react";
import { chooseTheme, currentTheme, type Theme } from "../lib/theme";

const NEXT: Record<Theme, Theme> = { system: "light", light: "dark", dark: "system" };
const ICONS = { system: Monitor, light: Sun, dark: Moon };

/** Goes through the themes: as the system has it, light, dark. */
export function ThemeSwitch() {
  const [theme, setTheme] = useState(currentTheme);
  const Icon = ICONS[theme];
  const label = `Theme: ${theme}; change to ${NEXT[theme]}`;
  const change = () => {
    chooseTheme(NEXT[theme]);
    setTheme(NEXT[theme]);
  };
  return (
    <button type="button" className="icon-button" aria-label={label} title={label} onClick={change}>
      <Icon size={17} aria-hidden />
    </button>
  );
}

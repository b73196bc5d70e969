/** The sign of the page, as in icon.svg. */
export function Logo() {
  return (
    <svg viewBox="0 0 32 32" aria-hidden className="size-5 flex-none">
      <rect width="32" height="32" rx="8" fill="#0f766e" />
      <path d="M8 12h9M8 20h5" stroke="#fff" strokeWidth="2.6" strokeLinecap="round" />
      <circle cx="22.5" cy="12" r="2.6" fill="#99f6e4" />
      <circle cx="18.5" cy="20" r="2.6" fill="#fff" />
    </svg>
  );
}

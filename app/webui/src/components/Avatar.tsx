import { avatarColour, initials } from "../lib/avatar";

/** The letters of an agent on its colour; only an ornament, for the name stands beside it. */
export function Avatar({ id, name, small }: { id: number; name: string; small?: boolean }) {
  return (
    <span
      aria-hidden
      className={`flex flex-none items-center justify-center rounded-lg font-semibold text-white ${
        small ? "size-5 text-[0.6rem]" : "size-8 text-xs"
      }`}
      style={{ backgroundColor: `var(--avatar-${avatarColour(id)})` }}
    >
      {initials(name)}
    </span>
  );
}

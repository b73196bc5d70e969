const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" });
const thisYear = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const anyYear = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long", year: "numeric" });

/** Hours and minutes in local time. */
export function timeOfDay(time: string | number): string {
  return clock.format(new Date(time));
}

/** Date, time and zone, for whoever wants to know exactly. */
export function fullTime(time: string | number): string {
  return full.format(new Date(time));
}

/** A key that is equal for two times of the same local day. */
export function dayKey(time: string): string {
  const date = new Date(time);
  return `${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`;
}

/** The name of a day as people say it. */
export function dayName(time: string, now: Date): string {
  const day = dayKey(time);
  if (day === dayKey(now.toISOString())) return "Today";
  const yesterday = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1, 12);
  if (day === dayKey(yesterday.toISOString())) return "Yesterday";
  const date = new Date(time);
  return (date.getFullYear() === now.getFullYear() ? thisYear : anyYear).format(date);
}

/** A span as people read it at a glance: `12 s`, `5 min`, `3 h`, `2 d`. */
export function span(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

/** How long ago a time was; a clock that stands a little before it counts as now. */
export function age(time: string | number, now: number): string {
  return span(now - new Date(time).getTime());
}

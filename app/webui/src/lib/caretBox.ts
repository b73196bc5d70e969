/** The properties that decide where a character of a field stands. */
const COPIED = ["boxSizing", "width", "padding", "border", "font", "letterSpacing", "lineHeight", "tabSize"] as const;

/** Where on the screen the character at `index` of a field stands: found on a copy of the field, for a field does not tell. */
export function caretBox(field: HTMLTextAreaElement, index: number): DOMRect {
  const looks = getComputedStyle(field);
  const copy = document.createElement("div");
  for (const property of COPIED) copy.style[property] = looks[property];
  Object.assign(copy.style, {
    position: "absolute",
    visibility: "hidden",
    whiteSpace: "pre-wrap",
    overflowWrap: "break-word",
  });
  const mark = document.createElement("span");
  mark.textContent = "@";
  copy.append(field.value.slice(0, index), mark);
  document.body.append(copy);
  const box = field.getBoundingClientRect();
  const x = box.left + mark.offsetLeft - field.scrollLeft;
  const y = box.top + mark.offsetTop - field.scrollTop;
  const height = mark.offsetHeight;
  copy.remove();
  return new DOMRect(x, y, 0, height);
}

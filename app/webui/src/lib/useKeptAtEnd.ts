import { type RefObject, useEffect, useRef } from "react";

/** How near its end a list counts as being there, in pixels. */
export const AT_END = 40;

/** Keeps a list that shows its end there when its box changes: the window is resized, or what stands below it grows. */
export function useKeptAtEnd(box: RefObject<HTMLElement | null>, toEnd: () => void): void {
  const go = useRef(toEnd);
  useEffect(() => {
    go.current = toEnd;
  });
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    let isAtEnd = true;
    // a new size alone is not scrolling: it leaves what was noted before
    const scrolled = () => {
      isAtEnd = element.scrollHeight - element.clientHeight - element.scrollTop <= AT_END;
    };
    const observer = new ResizeObserver(() => {
      if (isAtEnd) go.current();
    });
    element.addEventListener("scroll", scrolled, { passive: true });
    observer.observe(element);
    return () => {
      element.removeEventListener("scroll", scrolled);
      observer.disconnect();
    };
  }, [box]);
}

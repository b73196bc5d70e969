import { type RefObject, useEffect, useRef } from "react";

/** Shows a dialog above the page. A click beside it closes it, as the Escape of the browser does. */
export function useModal(): RefObject<HTMLDialogElement | null> {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    if (!element) return;
    const clicked = (event: MouseEvent) => {
      if (event.target === element) element.close();
    };
    element.addEventListener("click", clicked);
    element.showModal();
    return () => element.removeEventListener("click", clicked);
  }, []);
  return dialog;
}

const FOCUSABLE = "a[href], button, input, textarea, [tabindex='0']";

/** Let Tab go round inside a panel that covers the whole page: what is behind it cannot be seen. */
export function keepInside(panel: HTMLElement, event: KeyboardEvent): void {
  const all = panel.querySelectorAll<HTMLElement>(FOCUSABLE);
  const first = all[0];
  const last = all[all.length - 1];
  const active = (panel.getRootNode() as ShadowRoot).activeElement;
  if (!first || !last) return;
  if (event.shiftKey ? active === first : active === last) {
    event.preventDefault();
    (event.shiftKey ? last : first).focus();
  }
}

/** Focusing the input opens the on-screen keyboard, which would hide the notices: not where fingers point. */
export function hasFinePointer(): boolean {
  return window.matchMedia("(hover: hover) and (pointer: fine)").matches;
}

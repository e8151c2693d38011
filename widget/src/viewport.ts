/** Screens too small to share: there the panel takes all of it and holds the focus. */
const SMALL = "(max-width: 540px), (max-height: 420px)";

/** Tell now and at every change whether the screen is small; a function that ends it. */
export function watchSmall(onChange: (small: boolean) => void): () => void {
  const query = window.matchMedia(SMALL);
  const changed = (): void => onChange(query.matches);
  changed();
  // Safari before 14 has only the older pair of methods.
  query.addListener(changed);
  return () => query.removeListener(changed);
}

/** Keep a full-screen panel above the on-screen keyboard, which covers a fixed one; a function that ends it. */
export function fitAboveKeyboard(panel: HTMLElement, full: boolean): () => void {
  const viewport = window.visualViewport;
  if (!viewport || !full) return () => undefined;
  const fit = (): void => {
    const zoomed = viewport.scale > 1.01;
    panel.style.top = zoomed ? "" : `${viewport.offsetTop}px`;
    panel.style.height = zoomed ? "" : `${viewport.height}px`;
  };
  fit();
  viewport.addEventListener("resize", fit);
  viewport.addEventListener("scroll", fit);
  return () => {
    viewport.removeEventListener("resize", fit);
    viewport.removeEventListener("scroll", fit);
    panel.style.top = panel.style.height = "";
  };
}

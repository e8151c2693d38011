import { define, TAG } from "./element";

/** The script's own tag carries the settings. It is only known while the script runs for the first time. */
const script = (document.currentScript || document.querySelector('script[src*="wence.js"]')) as HTMLScriptElement | null;

/**
 * A page that has placed the element itself gets no second one. It goes beside the body and not into it: a body
 * with a filter, as sites wear grey on days of mourning, would take what is fixed to the window along.
 */
function place(): void {
  if (document.querySelector(TAG)) return;
  const element = document.createElement(TAG);
  Object.assign(element.dataset, script ? script.dataset : {});
  document.documentElement.appendChild(element);
}

if (window.customElements && !customElements.get(TAG)) {
  define(new URL(".", script ? script.src : location.href).href);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", place);
  else place();
}

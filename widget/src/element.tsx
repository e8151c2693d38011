import { h, render } from "preact";
import { Client } from "./client";
import { Conversation } from "./conversation";
import { readSettings } from "./settings";
import { Shelf } from "./storage";
import "./style.css";
import { Widget } from "./views/widget";

export const TAG = "wence-chat";

/** Define the element; `own` is where the script came from, and the endpoint unless an attribute names another. */
export function define(own: string): void {
  class WenceChat extends HTMLElement {
    private conversation: Conversation | undefined;
    private container: HTMLElement | undefined;

    connectedCallback(): void {
      const settings = readSettings(this.dataset, own);
      const root = this.shadowRoot || this.attachShadow({ mode: "open" });
      const container = document.createElement("div");
      const shared = new Shelf("localStorage", `wence:${settings.endpoint}`);
      const tab = new Shelf("sessionStorage", `wence:${settings.endpoint}`);
      this.conversation = new Conversation(new Client(settings.endpoint, shared), shared, tab);
      this.container = container;
      dress(root, container, settings.endpoint);
      root.appendChild(container);
      ["keydown", "keyup", "keypress"].forEach((type) => container.addEventListener(type, keepFromPage));
      render(<Widget conversation={this.conversation} settings={settings} shared={shared} own={tab} />, container);
    }

    disconnectedCallback(): void {
      if (!this.container || !this.conversation) return;
      this.conversation.stop();
      render(null, this.container);
      this.container.remove();
    }
  }
  customElements.define(TAG, WenceChat);
}

/** A page's own shortcuts see a key pressed on the element, not in an input, and would act while one writes. */
function keepFromPage(event: Event): void {
  event.stopPropagation();
}

/** The style sheet comes from beside the script, and nothing is shown before it is here. */
function dress(root: ShadowRoot, container: HTMLElement, endpoint: string): void {
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = `${endpoint}/wence.css`;
  container.style.display = "none";
  link.onload = link.onerror = () => {
    container.style.display = "";
  };
  root.appendChild(link);
}

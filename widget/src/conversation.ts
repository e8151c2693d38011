import { type Client, Failure } from "./client";
import type { About, Turn } from "./protocol";
import type { Shelf } from "./storage";
import { words } from "./words";

/** A question without an answer yet: on its way, waiting for its time or the network, or failed. */
export interface Unsent {
  id: string;
  text: string;
  state: "sending" | "waiting" | "failed";
  trouble: string;
}

export interface State {
  about: About | null;
  aboutFailed: boolean;
  restored: boolean;
  turns: Turn[];
  unsent: Unsent[];
  online: boolean;
  /** What the live region says; the number makes the same words news again. */
  spoken: { text: string; count: number };
  /** The reply id of the answer to bring into view, of a question asked here. */
  newest: string;
}

const UNSENT = "unsent";
const PULSE = "pulse";
/** Answers come so fast that the second click of a double click can find the first one answered. */
const DOUBLE_MS = 1000;

/**
 * The conversation as this tab sees it. The server's record is the truth; what is kept here is only what it
 * does not have yet. Tabs of one browser tell each other of news through the storage event, which the
 * oldest browsers have too, and then read the server's record again.
 */
export class Conversation {
  state: State = {
    about: null,
    aboutFailed: false,
    restored: false,
    turns: [],
    unsent: [],
    online: navigator.onLine !== false,
    spoken: { text: "", count: 0 },
    newest: "",
  };
  onChange: () => void = () => undefined;
  private opened = false;
  private last = { text: "", time: 0 };
  private changes = 0;
  private underway: Promise<void> = Promise.resolve();

  constructor(
    private readonly client: Client,
    private readonly shared: Shelf,
    private readonly own: Shelf,
  ) {
    window.addEventListener("online", this.connected);
    window.addEventListener("offline", this.disconnected);
    window.addEventListener("storage", this.heard);
    document.addEventListener("visibilitychange", this.seen);
  }

  stop(): void {
    window.removeEventListener("online", this.connected);
    window.removeEventListener("offline", this.disconnected);
    window.removeEventListener("storage", this.heard);
    document.removeEventListener("visibilitychange", this.seen);
  }

  /** Nothing is asked of the server before a citizen opens the widget for the first time. */
  open(): void {
    if (this.opened) return;
    this.opened = true;
    this.loadAbout();
    this.restore();
  }

  loadAbout(): void {
    this.set({ aboutFailed: false });
    this.client.about().then(
      (about) => this.set({ about }),
      () => this.set({ aboutFailed: true }),
    );
  }

  get busy(): boolean {
    return this.state.unsent.some((item) => item.state !== "failed");
  }

  /** False when nothing was taken, and so nothing may be cleared: another is on its way, or it is a double click. */
  ask(text: string): boolean {
    const now = Date.now();
    if (!this.state.about || (text === this.last.text && now - this.last.time < DOUBLE_MS)) return false;
    if (this.busy) {
      this.speak(words.wait);
      return false;
    }
    this.last = { text, time: now };
    const item: Unsent = { id: newId(), text, state: "sending", trouble: "" };
    this.setUnsent(this.state.unsent.concat(item));
    this.deliver(item.id);
    return true;
  }

  retry(id: string): void {
    if (!this.busy) this.deliver(id);
  }

  /** Take a question that was not answered back into the input; its words. */
  withdraw(id: string): string {
    const item = this.find(id);
    this.setUnsent(this.state.unsent.filter((other) => other.id !== id));
    return item ? item.text : "";
  }

  /** A question under way is let through first: deleted before it is recorded, it would stay. */
  async forget(): Promise<void> {
    this.setUnsent([]);
    await this.underway;
    await this.orSay(words.notForgotten, this.client.forget());
    this.changes++;
    this.set({ turns: [] });
    this.pulse();
    this.speak(words.forgotten);
  }

  async feedback(turn: Turn, helpful: boolean, reason: string): Promise<void> {
    await this.orSay(words.notNoted, this.client.feedback(turn.reply_id, helpful, reason));
    this.changes++;
    this.set({
      turns: this.state.turns.map((other) =>
        other.reply_id === turn.reply_id ? { ...other, feedback: helpful } : other,
      ),
    });
    this.pulse();
    this.speak(words.thanks);
  }

  speak(text: string): void {
    this.set({ spoken: { text, count: this.state.spoken.count + 1 } });
  }

  private orSay<T>(text: string, request: Promise<T>): Promise<T> {
    request.catch(() => this.speak(text));
    return request;
  }

  private deliver(id: string): void {
    this.underway = this.asked(id);
  }

  private async asked(id: string): Promise<void> {
    const item = this.find(id);
    if (!item) return;
    this.change(id, "sending", "");
    try {
      const turn = await this.client.ask(id, item.text);
      if (turn.custom.status === "unavailable") this.fail(id, turn.text);
      else this.answered(id, turn);
    } catch (error) {
      this.undelivered(item, error instanceof Failure ? error : new Failure("other", words.broken));
    }
  }

  private answered(id: string, turn: Turn): void {
    if (!this.find(id)) return;
    this.changes++;
    this.set({
      turns: this.state.turns.filter((other) => other.message_id !== id).concat(turn),
      newest: turn.reply_id,
    });
    this.setUnsent(this.state.unsent.filter((other) => other.id !== id));
    this.pulse();
    this.speak(spokenWords(turn));
  }

  private undelivered(item: Unsent, failure: Failure): void {
    if (failure.trouble === "reused") {
      const id = newId();
      this.setUnsent(this.state.unsent.map((other) => (other.id === item.id ? { ...other, id } : other)));
      this.deliver(id);
    } else if (failure.trouble === "busy") {
      const said = words.tooMany(failure.seconds);
      this.change(item.id, "waiting", said);
      this.speak(said);
      setTimeout(() => this.deliver(item.id), failure.seconds * 1000);
    } else if (failure.trouble === "network" && !this.state.online) {
      this.change(item.id, "waiting", words.waitingForNetwork);
      this.speak(words.waitingForNetwork);
    } else {
      this.fail(item.id, failure.message);
    }
  }

  private fail(id: string, why: string): void {
    this.change(id, "failed", why);
    this.speak(words.failed + why);
  }

  private async restore(): Promise<void> {
    const left = this.own.get<Unsent[]>(UNSENT) || [];
    await this.refresh();
    const answered = this.state.turns.map((turn) => turn.message_id);
    this.set({ restored: true });
    this.setUnsent(left.filter((item) => answered.indexOf(item.id) < 0).concat(this.state.unsent));
    // Leaving a page breaks off what is under way, which looks like a failure of the network.
    left
      .filter((item) => item.state !== "failed" || item.trouble === words.unreachable)
      .forEach((item) => this.deliver(item.id));
  }

  /** Read the server's record, again when this tab changed something while it was on its way. */
  private async refresh(): Promise<void> {
    const before = this.changes;
    try {
      const turns = await this.client.history();
      if (before !== this.changes) return await this.refresh();
      this.announceNews(turns);
      this.set({ turns: turns.concat(this.state.turns.filter((turn) => turn.sequence === null)) });
    } catch (_) {
      return;
    }
  }

  private announceNews(turns: Turn[]): void {
    const last = turns[turns.length - 1];
    const known = this.state.turns[this.state.turns.length - 1];
    const isNews = last && known && Number(last.sequence) > Number(known.sequence);
    if (isNews && document.visibilityState !== "hidden") this.speak(spokenWords(last));
  }

  private pulse(): void {
    this.shared.set(PULSE, newId());
  }

  private readonly heard = (event: StorageEvent): void => {
    if (this.opened && (event.key === null || event.key === this.shared.key(PULSE))) this.refresh();
  };

  private readonly seen = (): void => {
    if (this.opened && document.visibilityState === "visible") this.refresh();
  };

  private readonly connected = (): void => {
    this.set({ online: true });
    if (!this.opened) return;
    if (!this.state.about) this.loadAbout();
    this.refresh();
    this.state.unsent.filter((item) => item.trouble === words.waitingForNetwork).forEach((item) => this.deliver(item.id));
  };

  private readonly disconnected = (): void => {
    this.set({ online: false });
    if (this.opened) this.speak(words.offline);
  };

  private find(id: string): Unsent | undefined {
    return this.state.unsent.filter((item) => item.id === id)[0];
  }

  private change(id: string, state: Unsent["state"], trouble: string): void {
    this.setUnsent(
      this.state.unsent.map((item) => (item.id === id ? { ...item, state, trouble } : item)),
    );
  }

  private setUnsent(unsent: Unsent[]): void {
    this.own.set(UNSENT, unsent);
    this.set({ unsent });
  }

  private set(change: Partial<State>): void {
    this.state = { ...this.state, ...change };
    this.onChange();
  }
}

/** An answer as one hears it: the words, then what else is there. */
export function spokenWords(turn: Turn): string {
  const parts = [`${words.answer}：${turn.text}`];
  if (turn.custom.citations.length) parts.push(words.spokenSources(turn.custom.citations.length));
  if (turn.buttons.length) parts.push(words.spokenOptions(turn.buttons.length));
  return parts.join("");
}

/** Only letters that the server's pattern for ids allows; crypto.randomUUID is missing in the older browsers. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => (byte + 256).toString(16).slice(1)).join("");
}

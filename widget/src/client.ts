import type { About, Turn } from "./protocol";
import type { Shelf } from "./storage";
import { words } from "./words";

/** Longer than the server's own limit for an answer, and shorter than a citizen's patience. */
const PATIENCE_MS = 15000;
const SESSION = "session";

export type Trouble = "network" | "busy" | "reused" | "gone" | "other";

/** Why a request came to nothing; `message` can be shown to the citizen. */
export class Failure extends Error {
  constructor(
    readonly trouble: Trouble,
    message: string,
    readonly seconds = 0,
  ) {
    super(message);
  }
}

interface Session {
  token: string;
  expires: string;
  issued: number;
}

/** The web channel of one server. The session begins with the first question: who only looks leaves no trace. */
export class Client {
  private beginning: Promise<string> | null = null;

  constructor(
    private readonly endpoint: string,
    private readonly shelf: Shelf,
  ) {}

  about(): Promise<About> {
    return this.send("GET", "about");
  }

  /** The same id may be sent again: the server then gives the reply it has and asks nothing twice. */
  ask(id: string, text: string): Promise<Turn> {
    return this.withSession<Turn>("POST", "webhook", { message_id: id, message: text });
  }

  async history(): Promise<Turn[]> {
    if (!this.session()) return [];
    await this.renewInTime();
    const { turns } = await this.send<{ turns: Turn[] }>("GET", "history", undefined, this.token());
    return turns;
  }

  async forget(): Promise<void> {
    if (!this.session()) return;
    try {
      await this.send("DELETE", "history", undefined, this.token());
    } catch (failure) {
      if (!isGone(failure)) throw failure;
    }
    this.shelf.remove(SESSION);
  }

  feedback(replyId: string, helpful: boolean, reason: string): Promise<unknown> {
    const body = reason ? { reply_id: replyId, helpful, reason } : { reply_id: replyId, helpful };
    return this.send("POST", "feedback", body, this.token());
  }

  private session(): Session | null {
    return this.shelf.get<Session>(SESSION);
  }

  private token(): string {
    const session = this.session();
    return session ? session.token : "";
  }

  private async withSession<T>(method: string, path: string, body: unknown): Promise<T> {
    const token = this.token() || (await this.begin(""));
    try {
      return await this.send<T>(method, path, body, token);
    } catch (failure) {
      if (!isGone(failure)) throw failure;
      return this.send<T>(method, path, body, await this.begin(token));
    }
  }

  /** Another tab may have begun one meanwhile: then its session is the one that all share. */
  private begin(stale: string): Promise<string> {
    const shared = this.token();
    if (shared && shared !== stale) return Promise.resolve(shared);
    if (!this.beginning) {
      const done = (): void => {
        this.beginning = null;
      };
      this.beginning = this.issue("").then((session) => {
        const other = this.token();
        if (other && other !== stale) return other;
        this.shelf.set(SESSION, session);
        return session.token;
      });
      this.beginning.then(done, done);
    }
    return this.beginning;
  }

  /** A conversation in use does not expire: past half its time the session is made to last again. */
  private async renewInTime(): Promise<void> {
    const session = this.session();
    if (!session) return;
    const end = Date.parse(session.expires);
    if (!(end - Date.now() < (end - session.issued) / 2)) return;
    try {
      this.shelf.set(SESSION, await this.issue(session.token));
    } catch (_) {
      return;
    }
  }

  private async issue(token: string): Promise<Session> {
    const { token: issued, expires } = await this.send<Session>("POST", "session", {}, token);
    return { token: issued, expires, issued: Date.now() };
  }

  private async send<T>(method: string, path: string, body?: unknown, token?: string): Promise<T> {
    const headers: Record<string, string> = {};
    if (body !== undefined) headers["Content-Type"] = "application/json";
    if (token) headers["Authorization"] = `Bearer ${token}`;
    const options: RequestInit = { method, headers, credentials: "omit" };
    if (method !== "GET") options.cache = "no-store";
    if (body !== undefined) options.body = JSON.stringify(body);
    const answer = await inTime(`${this.endpoint}/webhooks/web/${path}`, options);
    if (answer.status < 300) return answer.content as T;
    throw failureOf(answer);
  }
}

interface Answer {
  status: number;
  seconds: number;
  content: { error?: string };
}

function isGone(failure: unknown): boolean {
  return failure instanceof Failure && failure.trouble === "gone";
}

function failureOf({ status, seconds, content }: Answer): Failure {
  const said = content.error || words.broken;
  if (status === 401) return new Failure("gone", said);
  if (status === 409) return new Failure("reused", said);
  if (status === 429) return new Failure("busy", said, seconds || 5);
  return new Failure("other", said);
}

/** The whole answer in time: a body can stop half way as well. */
function inTime(url: string, options: RequestInit): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const abort = window.AbortController ? new AbortController() : null;
    if (abort) options.signal = abort.signal;
    const timer = setTimeout(() => {
      reject(new Failure("network", words.slow));
      if (abort) abort.abort();
    }, PATIENCE_MS);
    fetch(url, options)
      .then((answer) =>
        answer.json().then((content) => {
          resolve({ status: answer.status, seconds: Number(answer.headers.get("Retry-After")), content });
        }),
      )
      .catch(() => reject(new Failure("network", words.unreachable)))
      .then(() => clearTimeout(timer));
  });
}

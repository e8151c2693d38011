/**
 * A place for small values that may be missing: private windows, full disks and blocked cookies make
 * localStorage throw, and the widget then works without remembering.
 */
export class Shelf {
  private readonly memory: Record<string, string> = {};

  constructor(
    private readonly area: "localStorage" | "sessionStorage",
    private readonly prefix: string,
  ) {}

  key(name: string): string {
    return `${this.prefix}:${name}`;
  }

  get<T>(name: string): T | null {
    const key = this.key(name);
    try {
      const text = this.memory[key] || window[this.area].getItem(key);
      return text ? (JSON.parse(text) as T) : null;
    } catch (_) {
      return null;
    }
  }

  set(name: string, value: unknown): void {
    const key = this.key(name);
    const text = JSON.stringify(value);
    try {
      window[this.area].setItem(key, text);
      delete this.memory[key];
    } catch (_) {
      this.memory[key] = text;
    }
  }

  remove(name: string): void {
    const key = this.key(name);
    delete this.memory[key];
    try {
      window[this.area].removeItem(key);
    } catch (_) {
      return;
    }
  }
}

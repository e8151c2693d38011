import { Component, h, type RefObject } from "preact";
import { words } from "../words";
import { Icon } from "./icons";

/** The counter comes into sight when this many characters are left. */
const NEAR = 50;

interface Props {
  input: RefObject<HTMLTextAreaElement>;
  text: string;
  limit: number;
  ready: boolean;
  onText: (text: string) => void;
  onSend: () => void;
}

export class Composer extends Component<Props> {
  override componentDidMount(): void {
    grow(this.props.input.current);
  }

  override componentDidUpdate(): void {
    grow(this.props.input.current);
  }

  override render({ input, text, limit, ready, onText }: Props) {
    const left = limit - lengthOf(text);
    return (
      <form class="composer" onSubmit={this.submit}>
        <textarea
          ref={input}
          rows={1}
          value={text}
          aria-label={words.label}
          placeholder={words.placeholder}
          aria-describedby="wence-count"
          aria-invalid={left < 0}
          onInput={(event) => onText(event.currentTarget.value)}
          onKeyDown={this.keyDown}
        />
        <button type="submit" class="send" aria-disabled={!ready || left < 0 || !text.trim()}>
          <Icon name="send" />
          {words.send}
        </button>
        <p id="wence-count" class={left < 0 ? "count over" : "count"}>
          {left < 0 ? words.over(-left, limit) : left <= NEAR ? words.left(left) : ""}
        </p>
      </form>
    );
  }

  private readonly submit = (event: Event): void => {
    event.preventDefault();
    this.props.onSend();
  };

  /** While an input method composes, Enter takes its proposal; older browsers tell it by key code 229 only. */
  private readonly keyDown = (event: KeyboardEvent): void => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229) this.submit(event);
  };
}

/** As the server counts: characters, not the halves in which JavaScript keeps the rarer ones. */
export function lengthOf(text: string): number {
  return Array.from(text.trim()).length;
}

function grow(area: HTMLTextAreaElement | null): void {
  if (!area) return;
  area.style.height = "auto";
  area.style.height = `${area.scrollHeight + area.offsetHeight - area.clientHeight}px`;
}

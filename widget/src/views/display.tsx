import { Component, createRef, h } from "preact";
import type { About } from "../protocol";
import { TEXT_SIZES, type TextSize } from "../settings";
import { words } from "../words";
import { CallLink } from "./turn";

export interface Appearance {
  size: TextSize;
  contrast: boolean;
}

interface Props {
  appearance: Appearance;
  about: About | null;
  onAppearance: (appearance: Appearance) => void;
  onForget: () => Promise<void>;
}

/** How it looks, whom to call, and how to delete the conversation. */
export function Display({ appearance, about, onAppearance, onForget }: Props) {
  const { size, contrast } = appearance;
  return (
    <div class="display" role="group" aria-label={words.more}>
      <fieldset>
        <legend class="small">{words.display}</legend>
        <div class="sizes">
          {TEXT_SIZES.map((name) => (
            <label class={name === size ? "size chosen" : "size"}>
              <input
                type="radio"
                name="wence-size"
                checked={name === size}
                onChange={() => onAppearance({ size: name, contrast })}
              />
              {words.sizes[name]}
            </label>
          ))}
        </div>
      </fieldset>
      <label class="check">
        <input type="checkbox" checked={contrast} onChange={() => onAppearance({ size, contrast: !contrast })} />
        {words.contrast}
      </label>
      {about && <CallLink phone={about.phone} />}
      <Forget onForget={onForget} />
    </div>
  );
}

interface Forgetting {
  asking: boolean;
  said: string;
}

class Forget extends Component<{ onForget: () => Promise<void> }, Forgetting> {
  override state = { asking: false, said: "" };
  private readonly first = createRef<HTMLButtonElement>();

  /** Asking back puts other buttons in the place of the one that has the focus. */
  override componentDidUpdate(_: unknown, before: Forgetting): void {
    if (before.asking !== this.state.asking && this.first.current) this.first.current.focus();
  }

  override render() {
    const { asking, said } = this.state;
    return (
      <div class="forget" role="group" aria-label={words.forget}>
        {asking && <p>{words.forgetAll}</p>}
        <button type="button" class="plain" ref={this.first} onClick={() => this.setState({ asking: !asking, said: "" })}>
          {asking ? words.forgetNo : words.forget}
        </button>
        {asking && (
          <button type="button" class="plain danger" onClick={this.forget}>
            {words.forgetYes}
          </button>
        )}
        {said && <p class="small">{said}</p>}
      </div>
    );
  }

  private readonly forget = (): void => {
    this.props.onForget().then(
      () => this.setState({ asking: false, said: words.forgotten }),
      () => this.setState({ asking: false, said: words.notForgotten }),
    );
  };
}

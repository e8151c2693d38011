import { Component, Fragment, h } from "preact";
import type { Turn } from "../protocol";
import { words } from "../words";
import { Icon } from "./icons";

interface Props {
  turn: Turn;
  onFeedback: (turn: Turn, helpful: boolean, reason: string) => Promise<void>;
}

interface Asked {
  asking: boolean;
  reason: string;
  said: string;
}

/** What was chosen is sent at once, and a reason may follow. */
export class Feedback extends Component<Props, Asked> {
  override state = { asking: false, reason: "", said: "" };

  override render() {
    const { asking, reason, said } = this.state;
    const { turn } = this.props;
    return (
      <>
        {this.button(true, turn.feedback)}
        {this.button(false, turn.feedback)}
        {asking && (
          <form class="reason" onSubmit={this.submit}>
            <label>
              {words.reason}
              <input
                type="text"
                maxLength={200}
                autocomplete="off"
                value={reason}
                onInput={(event) => this.setState({ reason: event.currentTarget.value })}
              />
            </label>
            <button type="submit" class="plain">
              {words.submit}
            </button>
          </form>
        )}
        {said && <p class="small said">{said}</p>}
      </>
    );
  }

  private button(helpful: boolean, chosen: boolean | null) {
    return (
      <button type="button" class={helpful ? "tool" : "tool down"} aria-pressed={chosen === helpful} onClick={() => this.choose(helpful)}>
        <Icon name="up" />
        {helpful ? words.helpful : words.unhelpful}
      </button>
    );
  }

  private choose(helpful: boolean): void {
    this.setState({ asking: !helpful });
    this.send(helpful, "");
  }

  private readonly submit = (event: Event): void => {
    event.preventDefault();
    this.setState({ asking: false });
    this.send(false, this.state.reason.trim());
  };

  private send(helpful: boolean, reason: string): void {
    const { turn, onFeedback } = this.props;
    onFeedback(turn, helpful, reason).then(
      () => this.setState({ said: words.thanks }),
      () => this.setState({ said: words.notNoted }),
    );
  }
}

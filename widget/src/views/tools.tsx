import { Component, h } from "preact";
import { copyText } from "../clipboard";
import type { About, Turn } from "../protocol";
import { readAloud, stopReading } from "../speech";
import { words } from "../words";
import { Icon } from "./icons";

interface CopyProps {
  turn: Turn;
  about: About | null;
  onSay: (text: string) => void;
}

export class CopyButton extends Component<CopyProps, { copied: boolean }> {
  override state = { copied: false };

  override render() {
    return (
      <button type="button" class="tool" onClick={this.copy}>
        <Icon name="copy" />
        {this.state.copied ? words.copied : words.copy}
      </button>
    );
  }

  private readonly copy = (): void => {
    const { turn, about, onSay } = this.props;
    copyText(withSources(turn, about)).then(
      () => {
        this.setState({ copied: true });
        onSay(words.copied);
        setTimeout(() => this.setState({ copied: false }), 3000);
      },
      () => onSay(words.notCopied),
    );
  };
}

export class ReadButton extends Component<{ text: string }, { reading: boolean }> {
  override state = { reading: false };

  override componentWillUnmount(): void {
    if (this.state.reading) stopReading();
  }

  override render() {
    const { reading } = this.state;
    return (
      <button type="button" class="tool" aria-pressed={reading} onClick={this.toggle}>
        <Icon name={reading ? "stop" : "read"} />
        {reading ? words.stop : words.read}
      </button>
    );
  }

  private readonly toggle = (): void => {
    if (this.state.reading) stopReading();
    else readAloud(this.props.text, () => this.setState({ reading: false }));
    this.setState({ reading: !this.state.reading });
  };
}

/** A copied answer keeps its proof: what is passed on can be checked. */
export function withSources(turn: Turn, about: About | null): string {
  const lines = turn.custom.citations.map((citation) => {
    const source = about ? about.sources[citation.source] : undefined;
    return `${words.quote}：${citation.quote}（${source ? source.name : citation.source}，${citation.section}）`;
  });
  return [turn.message, turn.text].concat(lines).join("\n");
}

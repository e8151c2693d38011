import { Component, createRef, h, type RefObject } from "preact";
import type { Conversation, State } from "../conversation";
import { hasFinePointer, keepInside } from "../focus";
import type { Settings } from "../settings";
import { fitAboveKeyboard } from "../viewport";
import { words } from "../words";
import { Composer, lengthOf } from "./composer";
import { type Appearance, Display } from "./display";
import { Icon } from "./icons";
import { Log } from "./log";

const USUAL_LIMIT = 300;

interface Props {
  conversation: Conversation;
  state: State;
  settings: Settings;
  appearance: Appearance;
  small: boolean;
  readable: boolean;
  draft: string;
  onDraft: (text: string) => void;
  onAppearance: (appearance: Appearance) => void;
  onClose: () => void;
}

export class Panel extends Component<Props, { display: boolean }> {
  override state = { display: false };
  private readonly panel = createRef<HTMLDivElement>();
  private readonly heading = createRef<HTMLHeadingElement>();
  private readonly input = createRef<HTMLTextAreaElement>();
  private readonly more = createRef<HTMLButtonElement>();
  private release: () => void = () => undefined;

  override componentDidMount(): void {
    focus(hasFinePointer() ? this.input : this.heading);
    this.fit();
  }

  override componentDidUpdate(before: Props): void {
    if (before.small !== this.props.small) this.fit();
  }

  override componentWillUnmount(): void {
    this.release();
  }

  override render(props: Props, { display }: { display: boolean }) {
    const { conversation, state, settings, small } = props;
    return (
      <div
        class="panel"
        ref={this.panel}
        role="dialog"
        aria-modal={small ? "true" : undefined}
        aria-labelledby="wence-title"
        onKeyDown={this.keyDown}
      >
        <header class="head">
          <h2 id="wence-title" ref={this.heading} tabIndex={-1}>
            {settings.title || (state.about && state.about.title) || words.title}
          </h2>
          <button
            type="button"
            class="round"
            ref={this.more}
            aria-label={words.more}
            title={words.more}
            aria-expanded={display}
            onClick={() => this.setState({ display: !display })}
          >
            <Icon name="more" />
          </button>
          <button type="button" class="round" aria-label={words.close} title={words.close} onClick={props.onClose}>
            <Icon name="close" />
          </button>
        </header>
        {display && (
          <Display
            appearance={props.appearance}
            about={state.about}
            onAppearance={props.onAppearance}
            onForget={() => conversation.forget()}
          />
        )}
        {!state.online && (
          <p class="banner">
            <Icon name="alert" />
            {words.offline}
          </p>
        )}
        <Log
          state={state}
          conversation={conversation}
          greeting={settings.greeting}
          readable={props.readable}
          onChoose={this.choose}
          onEdit={this.edit}
        />
        <Composer input={this.input} text={props.draft} limit={this.limit} ready={!!state.about} onText={props.onDraft} onSend={this.send} />
      </div>
    );
  }

  private get limit(): number {
    const { about } = this.props.state;
    return about ? about.max_characters : USUAL_LIMIT;
  }

  private fit(): void {
    this.release();
    this.release = fitAboveKeyboard(this.panel.current as HTMLElement, this.props.small);
  }

  private readonly choose = (question: string): void => {
    if (this.props.conversation.ask(question) && hasFinePointer()) focus(this.input);
  };

  private readonly send = (): void => {
    const { draft, conversation, onDraft } = this.props;
    const text = draft.trim();
    if (text && lengthOf(text) <= this.limit && conversation.ask(text)) onDraft("");
  };

  private readonly edit = (id: string): void => {
    const { draft, conversation, onDraft } = this.props;
    const text = conversation.withdraw(id);
    onDraft(draft.trim() ? `${text}\n${draft}` : text);
    focus(this.input);
  };

  private readonly keyDown = (event: KeyboardEvent): void => {
    if (event.key === "Tab" && this.props.small) keepInside(this.panel.current as HTMLElement, event);
    if (event.key !== "Escape" || event.isComposing) return;
    event.preventDefault();
    if (this.state.display) {
      this.setState({ display: false });
      focus(this.more);
    } else this.props.onClose();
  };
}

function focus(target: RefObject<HTMLElement>): void {
  if (target.current) target.current.focus();
}

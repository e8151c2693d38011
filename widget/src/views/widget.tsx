import { Component, createRef, h } from "preact";
import type { Conversation, State as Chat } from "../conversation";
import { accents } from "../palette";
import { type Settings, TEXT_SIZES } from "../settings";
import { stopReading, whenReadable } from "../speech";
import type { Shelf } from "../storage";
import { watchSmall } from "../viewport";
import { words } from "../words";
import type { Appearance } from "./display";
import { Icon } from "./icons";
import { Panel } from "./panel";

const APPEARANCE = "appearance";
const DRAFT = "draft";
/** Long enough to be read out, and gone before somebody comes across it as a second copy of the answer. */
const SPOKEN_MS = 10000;

interface Props {
  conversation: Conversation;
  settings: Settings;
  shared: Shelf;
  own: Shelf;
}

interface State {
  chat: Chat;
  open: boolean;
  small: boolean;
  readable: boolean;
  draft: string;
  appearance: Appearance;
}

export class Widget extends Component<Props, State> {
  private readonly root = createRef<HTMLElement>();
  private readonly launcher = createRef<HTMLButtonElement>();
  private unwatch: () => void = () => undefined;

  constructor(props: Props) {
    super(props);
    this.state = {
      chat: props.conversation.state,
      open: false,
      small: false,
      readable: false,
      draft: props.own.get<string>(DRAFT) || "",
      appearance: remembered(props.shared, props.settings),
    };
  }

  override componentDidMount(): void {
    const { conversation, settings } = this.props;
    conversation.onChange = () => this.setState({ chat: conversation.state });
    whenReadable(() => this.setState({ readable: true }));
    paint(this.root.current, settings.color);
    this.unwatch = watchSmall((small) => this.setState({ small }));
  }

  override componentDidUpdate(_: Props, before: State): void {
    if (before.open && !this.state.open && this.launcher.current) this.launcher.current.focus();
  }

  override componentWillUnmount(): void {
    this.unwatch();
  }

  override render({ conversation, settings }: Props, { chat, open, small, readable, draft, appearance }: State) {
    const title = settings.title || words.ask;
    return (
      <section
        class={classes(appearance, small, settings.left)}
        ref={this.root}
        lang="zh-CN"
        aria-label={title}
      >
        {open ? (
          <Panel
            conversation={conversation}
            state={chat}
            settings={settings}
            appearance={appearance}
            small={small}
            readable={readable}
            draft={draft}
            onDraft={this.write}
            onAppearance={this.look}
            onClose={this.close}
          />
        ) : (
          <button type="button" class="launcher" ref={this.launcher} aria-haspopup="dialog" onClick={this.show}>
            <Icon name="chat" />
            {title}
          </button>
        )}
        <Spoken text={chat.spoken.text} count={chat.spoken.count} />
      </section>
    );
  }

  private readonly show = (): void => {
    this.props.conversation.open();
    this.setState({ open: true });
  };

  private readonly close = (): void => {
    stopReading();
    this.setState({ open: false });
  };

  private readonly write = (draft: string): void => {
    this.props.own.set(DRAFT, draft);
    this.setState({ draft });
  };

  private readonly look = (appearance: Appearance): void => {
    this.props.shared.set(APPEARANCE, appearance);
    this.setState({ appearance });
  };
}

interface SpokenProps {
  text: string;
  count: number;
}

/** The one live region. It is always there: browsers miss what comes into being together with its words. */
class Spoken extends Component<SpokenProps, { over: number }> {
  override state = { over: 0 };

  override componentDidUpdate(before: SpokenProps): void {
    const { count } = this.props;
    if (before.count !== count) setTimeout(() => this.setState({ over: count }), SPOKEN_MS);
  }

  override render({ text, count }: SpokenProps, { over }: { over: number }) {
    return (
      <div class="unseen" role="status">
        {over < count && <span key={count}>{text}</span>}
      </div>
    );
  }
}

function remembered(shared: Shelf, settings: Settings): Appearance {
  const kept = shared.get<Appearance>(APPEARANCE);
  if (kept && TEXT_SIZES.indexOf(kept.size) >= 0) return kept;
  return { size: settings.textSize, contrast: false };
}

function classes({ size, contrast }: Appearance, small: boolean, left: boolean): string {
  return ["wence", size, contrast && "contrast", small && "full", left && "left"].filter(Boolean).join(" ");
}

function paint(root: HTMLElement | null, color: string): void {
  if (!root) return;
  const { light, dark } = accents(color);
  root.style.setProperty("--accent-light", light);
  root.style.setProperty("--accent-dark", dark);
}

import { Component, createRef, h } from "preact";
import type { Conversation, State } from "../conversation";
import { words } from "../words";
import { TurnView } from "./turn";
import { UnsentView } from "./unsent";
import { Welcome } from "./welcome";

interface Props {
  state: State;
  conversation: Conversation;
  greeting: string;
  readable: boolean;
  onChoose: (question: string) => void;
  onEdit: (id: string) => void;
}

export class Log extends Component<Props> {
  private readonly log = createRef<HTMLDivElement>();

  override componentDidMount(): void {
    showLast(this.log.current);
  }

  override componentDidUpdate({ state }: Props): void {
    const now = this.props.state;
    if (state.newest !== now.newest || state.restored !== now.restored || state.unsent !== now.unsent) {
      showLast(this.log.current);
    }
  }

  override render({ state, conversation, greeting, readable, onChoose, onEdit }: Props) {
    const { about, turns, unsent } = state;
    return (
      <div class="log" ref={this.log} tabIndex={0} role="group" aria-label={words.conversation}>
        <Welcome
          about={about}
          failed={state.aboutFailed}
          greeting={greeting}
          onChoose={onChoose}
          onRetry={() => conversation.loadAbout()}
        />
        <ol class="turns">
          {turns.map((turn) => (
            <TurnView
              key={turn.reply_id}
              turn={turn}
              about={about}
              readable={readable}
              onChoose={onChoose}
              onFeedback={(...given) => conversation.feedback(...given)}
              onSay={(text) => conversation.speak(text)}
            />
          ))}
          {unsent.map((item) => (
            <UnsentView
              key={item.id}
              item={item}
              onRetry={() => conversation.retry(item.id)}
              onEdit={() => onEdit(item.id)}
            />
          ))}
        </ol>
      </div>
    );
  }
}

/** The newest question goes to the top, so that a long answer is read from its beginning. */
function showLast(log: HTMLElement | null): void {
  const turns = log && log.querySelectorAll(".turn");
  const last = turns && turns[turns.length - 1];
  if (!log || !last) return;
  // On very low screens the whole panel scrolls.
  const scroller = getComputedStyle(log).overflowY === "visible" ? (log.parentNode as HTMLElement) : log;
  scroller.scrollTop += last.getBoundingClientRect().top - scroller.getBoundingClientRect().top - 12;
}

import { h } from "preact";
import type { About, Turn } from "../protocol";
import { words } from "../words";
import { Feedback } from "./feedback";
import { Icon } from "./icons";
import { Options } from "./options";
import { Sources } from "./sources";
import { FoldedText } from "./text";
import { CopyButton, ReadButton } from "./tools";

interface Props {
  turn: Turn;
  about: About | null;
  readable: boolean;
  onChoose: (question: string) => void;
  onFeedback: (turn: Turn, helpful: boolean, reason: string) => Promise<void>;
  onSay: (text: string) => void;
}

export function Question({ text }: { text: string }) {
  return (
    <div class="question">
      <span class="unseen">{words.you}：</span>
      {text}
    </div>
  );
}

export function TurnView({ turn, about, readable, onChoose, onFeedback, onSay }: Props) {
  const { status, citations } = turn.custom;
  const title = words.status[status];
  return (
    <li class="turn">
      <Question text={turn.message} />
      <div class="answer">
        <span class="unseen">{words.answer}：</span>
        {title && <p class="status">{title}</p>}
        <FoldedText text={turn.text} />
        {about && turn.text.indexOf(about.phone) >= 0 && <CallLink phone={about.phone} />}
        <Sources citations={citations} about={about} />
        <Options label={status === "clarify" ? words.which : words.related} options={turn.buttons} onChoose={onChoose} />
        <div class="tools">
          <CopyButton turn={turn} about={about} onSay={onSay} />
          {readable && <ReadButton text={turn.text} />}
          <Feedback turn={turn} onFeedback={onFeedback} />
        </div>
      </div>
    </li>
  );
}

/** Where an answer says to call, calling is one large target away and not only a link among the words. */
export function CallLink({ phone }: { phone: string }) {
  return (
    <a class="call" href={`tel:${phone}`}>
      <Icon name="phone" />
      {words.callLink(phone)}
    </a>
  );
}

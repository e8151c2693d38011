import { h } from "preact";
import type { About } from "../protocol";
import { words } from "../words";
import { Options } from "./options";

interface Props {
  about: About | null;
  failed: boolean;
  greeting: string;
  onChoose: (question: string) => void;
  onRetry: () => void;
}

/** What stands before the first question: what can be asked, that a program answers, and what is kept. */
export function Welcome({ about, failed, greeting, onChoose, onRetry }: Props) {
  if (!about) {
    return failed ? (
      <div class="trouble">
        <p>{words.noAbout}</p>
        <button type="button" class="plain" onClick={onRetry}>
          {words.again}
        </button>
      </div>
    ) : (
      <p class="searching">{words.loading}</p>
    );
  }
  const { policy } = about;
  return (
    <div class="welcome">
      <p class="greeting">{greeting || about.greeting}</p>
      <div class="policy">
        <p class="small">{words.basis}</p>
        <p class="policy-name">{policy.name}</p>
        <p class="small">
          {policy.number} {words.issued(policy.date)}
        </p>
        {policy.validity && <p class="small">{words.validity(policy.validity)}</p>}
      </div>
      <p class="notice">
        <strong>{words.automatic}</strong>
        {about.notice}
      </p>
      <p class="notice">
        <strong>{words.privacy}</strong>
        {about.privacy}
      </p>
      <Options label={words.starters} options={about.starters} onChoose={onChoose} />
    </div>
  );
}

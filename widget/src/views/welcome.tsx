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
          {[policy.number, policy.date && words.issued(policy.date), policy.validity && `${words.validity} ${policy.validity}`]
            .filter(Boolean)
            .join(" · ")}
        </p>
      </div>
      <dl class="notices">
        <dt>{words.automatic}</dt>
        <dd>{about.notice}</dd>
        <dt>{words.privacy}</dt>
        <dd>{about.privacy}</dd>
      </dl>
      <Options label={words.starters} options={about.starters} onChoose={onChoose} />
    </div>
  );
}

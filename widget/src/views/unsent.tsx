import { h } from "preact";
import type { Unsent } from "../conversation";
import { words } from "../words";
import { Icon } from "./icons";
import { PhoneLinks } from "./text";
import { Question } from "./turn";

interface Props {
  item: Unsent;
  onRetry: () => void;
  onEdit: () => void;
}

/** A question whose answer is not here: being looked for, or with its two ways on. */
export function UnsentView({ item, onRetry, onEdit }: Props) {
  return (
    <li class="turn">
      <Question text={item.text} />
      {item.state === "sending" ? (
        <p class="searching">
          {words.searching}
          <span class="dots" aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
        </p>
      ) : (
        <div class="trouble">
          <p>
            <Icon name="alert" />
            <span>
              {item.state === "failed" && words.failed}
              <PhoneLinks text={item.trouble} />
            </span>
          </p>
          {item.state === "failed" && (
            <button type="button" class="plain" onClick={onRetry}>
              {words.retry}
            </button>
          )}
          <button type="button" class="plain" onClick={onEdit}>
            {words.edit}
          </button>
        </div>
      )}
    </li>
  );
}

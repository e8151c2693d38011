import { h } from "preact";
import type { Option } from "../protocol";
import { words } from "../words";
import { Foldable } from "./foldable";

const SHOWN = 4;

interface Props {
  label: string;
  options: Option[];
  onChoose: (question: string) => void;
}

/** A longer list shows its first few and unfolds. */
export function Options({ label, options, onChoose }: Props) {
  if (!options.length) return null;
  const folds = options.length > SHOWN + 1;
  return (
    <Foldable>
      {(open, toggle) => (
        <div class="options" role="group" aria-label={label}>
          <p class="small" aria-hidden="true">
            {label}
          </p>
          {(folds && !open ? options.slice(0, SHOWN) : options).map((option) => (
            <button type="button" class="option" onClick={() => onChoose(option.payload)}>
              {option.title}
            </button>
          ))}
          {folds && (
            <button type="button" class="option fold" aria-expanded={open} onClick={toggle}>
              {open ? words.fold : words.moreOptions(options.length - SHOWN)}
            </button>
          )}
        </div>
      )}
    </Foldable>
  );
}

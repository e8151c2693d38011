import { Fragment, h } from "preact";
import { cutAtPhones } from "../phone";
import { words } from "../words";
import { Foldable } from "./foldable";

/** Answers longer than this begin with their first sentences; the first says what was asked. */
const LONG = 140;

export function PhoneLinks({ text }: { text: string }) {
  return (
    <>
      {cutAtPhones(text).map((piece, index) =>
        index % 2 ? (
          <a class="phone" href={`tel:${piece}`}>
            {piece}
          </a>
        ) : (
          piece
        ),
      )}
    </>
  );
}

export function FoldedText({ text }: { text: string }) {
  const short = beginning(text);
  return (
    <Foldable>
      {(open, toggle) => (
        <>
          <p class="text">
            <PhoneLinks text={open || short === text ? text : `${short}……`} />
          </p>
          {short !== text && (
            <button type="button" class="fold" aria-expanded={open} onClick={toggle}>
              {open ? words.fold : words.wholeText(text.length)}
            </button>
          )}
        </>
      )}
    </Foldable>
  );
}

/** Cut after a mark of punctuation, so that no word and no number is cut in two. */
export function beginning(text: string): string {
  if (text.length <= LONG * 1.25) return text;
  const start = text.slice(0, LONG);
  const mark = Math.max(...["。", "；", "，", "、", "\n"].map((sign) => start.lastIndexOf(sign)));
  return start.slice(0, mark > LONG / 2 ? mark : LONG);
}

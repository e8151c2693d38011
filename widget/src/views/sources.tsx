import { Fragment, h } from "preact";
import type { About, Citation } from "../protocol";
import { words } from "../words";
import { Foldable } from "./foldable";
import { Icon } from "./icons";

interface Props {
  citations: Citation[];
  about: About | null;
}

/** The line under an answer that opens to the sentences which prove it. */
export function Sources({ citations, about }: Props) {
  const first = citations[0];
  if (!first) return null;
  return (
    <Foldable>
      {(open, toggle) => (
        <div class="sources">
          <button type="button" class="source-line" aria-expanded={open} onClick={toggle}>
            <Icon name="book" />
            <span>
              {words.sources(first.section, citations.length)}
              {about && <span class="small">{words.version(about.policy.date)}</span>}
            </span>
            <Icon name="unfold" />
          </button>
          {open && (
            <ol>
              {citations.map((citation) => (
                <li>
                  <Proof citation={citation} about={about} />
                </li>
              ))}
            </ol>
          )}
        </div>
      )}
    </Foldable>
  );
}

function Proof({ citation, about }: { citation: Citation; about: About | null }) {
  const source = about ? about.sources[citation.source] : undefined;
  const rows: [string, string | undefined][] = [
    [words.document, source ? source.name : citation.source],
    [words.number, source && source.number],
    [words.published, source && source.published],
    [words.section, citation.section],
  ];
  return (
    <>
      <dl>
        {rows.map(
          ([term, value]) =>
            value && (
              <div>
                <dt>{term}</dt>
                <dd>{value}</dd>
              </div>
            ),
        )}
      </dl>
      <blockquote aria-label={words.quote}>{citation.quote}</blockquote>
    </>
  );
}

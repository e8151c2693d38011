/** What the web channel sends; docs/web.md describes it. */
export interface Option {
  title: string;
  payload: string;
}

export interface Citation {
  source: string;
  section: string;
  quote: string;
}

export interface Turn {
  /** Null when it could not be recorded: then the history does not have it. */
  sequence: number | null;
  message_id: string;
  reply_id: string;
  time: string;
  message: string;
  text: string;
  buttons: Option[];
  feedback: boolean | null;
  custom: { status: string; citations: Citation[] };
}

export interface Source {
  name: string;
  number?: string;
  published?: string;
}

export interface About {
  title: string;
  policy: { name: string; number: string; date: string; validity: string };
  greeting: string;
  notice: string;
  privacy: string;
  phone: string;
  max_characters: number;
  starters: Option[];
  sources: Record<string, Source>;
}

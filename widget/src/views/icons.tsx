import { h } from "preact";
/** Drawn as elements: no font, no image and no markup that a strict policy would refuse. */
const PATHS = {
  chat: "M4 5h16v11h-9l-5 4v-4H4zM8 9h8M8 12h5",
  close: "M6 6l12 12M18 6L6 18",
  more: "M4 7h9M17 7h3M4 17h3M11 17h9M15 5v4M9 15v4",
  send: "M12 19V6M6 12l6-6 6 6",
  copy: "M9 9h10v11H9zM15 9V4H5v11h4",
  read: "M4 10v4h3l5 4V6l-5 4zM15 9q2 3 0 6M18 7q4 5 0 10",
  stop: "M7 7h10v10H7z",
  up: "M8 11l3-7q3 0 2 6h6l-2 9H8zM4 11h4v8H4z",
  phone: "M6 4h4l1 4-2 2q2 4 5 5l2-2 4 1v4q-1 2-4 2Q5 17 4 6z",
  unfold: "M6 9l6 6 6-6",
  book: "M4 5q5-1 8 1 3-2 8-1v13q-5-1-8 1-3-2-8-1zM12 6v13",
  alert: "M12 4l9 16H3zM12 10v4M12 17v.2",
};

export function Icon({ name }: { name: keyof typeof PATHS }) {
  return (
    <svg class={`icon icon-${name}`} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}

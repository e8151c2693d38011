import { h } from "preact";
/** Drawn as elements: no font, no image and no markup that a strict policy would refuse. */
const PATHS = {
  chat: "M4 5h16v11H9.5L5 19.5V16H4zM8 9.2h8M8 12.2h5",
  close: "M6 6l12 12M18 6L6 18",
  more: "M4 7h9M17 7h3M4 17h3M11 17h9M15 4.8v4.4M9 14.8v4.4",
  send: "M12 19V6M6.5 11.5L12 6l5.5 5.5",
  copy: "M9 9h10v11H9zM15 9V4H5v11h4",
  read: "M4 10v4h3.5l4.5 4V6L7.5 10zM15.5 9.5c1.3 1.6 1.3 3.4 0 5M18 7c2.6 3 2.6 7 0 10",
  stop: "M7 7h10v10H7z",
  up: "M7.5 11L11 4.5c1.5 0 2.2 1 1.9 2.5L12.4 10h5.1c1.2 0 1.9 1 1.6 2.1l-1.5 6c-.2.9-.8 1.4-1.7 1.4H7.5zM4.5 11h3v8.5h-3z",
  down: "M16.5 13L13 19.500c-1.5 0-2.2-1-1.9-2.500L11.6 14H6.500c-1.2 0-1.9-1-1.6-2.100l1.5-6c.2-.9.8-1.4 1.7-1.400h8.400zM19.5 13h-3V4.500h3z",
  phone: "M6.5 4h3l1.5 4-2 1.500c1 2.3 2.7 4 5 5l1.5-2 4 1.500v3c0 1-.8 2-2 2C10.5 18.5 5.5 13.5 4.5 6c0-1.2 1-2 2-2z",
  unfold: "M6 9.500l6 6 6-6",
  book: "M5 5.500c2.5-1 5-.8 7 .7 2-1.5 4.5-1.7 7-.7V18c-2.5-1-5-.8-7 .7-2-1.5-4.5-1.7-7-.7zM12 6.200v12.5",
  retry: "M19 12a7 7 0 1 1-2.2-5.100M19.5 4v4.500H15",
  alert: "M12 4l9 15.500H3zM12 10v4.500M12 17v.3",
};

export function Icon({ name }: { name: keyof typeof PATHS }) {
  return (
    <svg class={`icon icon-${name}`} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}

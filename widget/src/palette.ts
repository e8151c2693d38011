export const DEFAULT_COLOR = "#17508f";

type Channels = [number, number, number];

const WHITE: Channels = [255, 255, 255];
const BLACK: Channels = [0, 0, 0];
const DARK_SURFACE: Channels = [31, 42, 55];
/** A little above WCAG's 4.5, so that it holds on the tinted surfaces too. */
const ENOUGH = 5.6;

export function isColor(text: string): boolean {
  return /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.test(text);
}

/** A site's colour in the shades that stay readable: whatever an editor sets, white words on it can be read. */
export function accents(color: string): { light: string; dark: string } {
  const wanted = channels(color);
  return { light: readable(wanted, WHITE, BLACK), dark: readable(wanted, DARK_SURFACE, WHITE) };
}

/** WCAG's contrast ratio. */
export function contrast(one: Channels, other: Channels): number {
  const [a, b] = [luminance(one), luminance(other)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

export function channels(color: string): Channels {
  const digits = color.length === 4 ? color.replace(/[0-9a-f]/gi, "$&$&") : color;
  return [1, 3, 5].map((at) => parseInt(digits.slice(at, at + 2), 16)) as Channels;
}

function readable(color: Channels, against: Channels, towards: Channels): string {
  let shade = color;
  for (let part = 0; contrast(shade, against) < ENOUGH && part < 1; ) {
    part += 0.05;
    shade = color.map((value, index) => Math.round(value + ((towards[index] as number) - value) * part)) as Channels;
  }
  return `rgb(${shade.join(",")})`;
}

function luminance(color: Channels): number {
  const [red, green, blue] = color.map((value) => {
    const part = value / 255;
    return part <= 0.03928 ? part / 12.92 : Math.pow((part + 0.055) / 1.055, 2.4);
  }) as Channels;
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

import { DEFAULT_COLOR, isColor } from "./palette";

export type TextSize = "standard" | "large" | "huge";
export const TEXT_SIZES: readonly TextSize[] = ["standard", "large", "huge"];

/** What a site editor may set with data- attributes. */
export interface Settings {
  endpoint: string;
  title: string;
  greeting: string;
  color: string;
  left: boolean;
  textSize: TextSize;
}

/** An unknown value counts as not set: a mistyped attribute must not cost the citizens the widget. */
export function readSettings(data: DOMStringMap, own: string): Settings {
  const color = data.color || "";
  return {
    endpoint: (data.endpoint || own).replace(/\/+$/, ""),
    title: data.title || "",
    greeting: data.greeting || "",
    color: isColor(color) ? color : DEFAULT_COLOR,
    left: data.position === "left",
    textSize: TEXT_SIZES.find((size) => size === data.textSize) || "standard",
  };
}

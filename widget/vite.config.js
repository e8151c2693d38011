import { readFileSync } from "node:fs";
import { defineConfig } from "vite";

// The oldest browsers that must run it: WeChat's built-in browser and Safari on iOS 12.
const OLDEST = ["chrome86", "safari12"];

/** Preact's licence asks for its notice wherever it goes. */
function notice() {
  const { version } = JSON.parse(readFileSync("node_modules/preact/package.json", "utf8"));
  return `/*! wence-chat, Apache-2.0. Preact ${version}, MIT, (c) 2015-present Jason Miller */`;
}

export default defineConfig({
  publicDir: false,
  build: {
    outDir: "dist",
    target: ["es2018", ...OLDEST],
    cssTarget: OLDEST,
    minify: "terser",
    terserOptions: { ecma: 2018, compress: { passes: 3 }, format: { comments: /^!/ } },
    lib: { entry: "src/main.ts", formats: ["iife"], name: "wence", fileName: () => "wence.js", cssFileName: "wence" },
    rollupOptions: { output: { banner: notice() } },
  },
});

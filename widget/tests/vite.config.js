import { readdirSync } from "node:fs";
import { defineConfig } from "vite";

// The tests are built like the widget, so that any Node that Vite runs on can run them.
const tests = readdirSync("tests").filter((name) => name.endsWith(".test.js"));

export default defineConfig({
  publicDir: false,
  build: {
    ssr: true,
    outDir: ".built/tests",
    minify: false,
    rollupOptions: { input: tests.map((name) => `tests/${name}`), output: { entryFileNames: "[name].js" } },
  },
});

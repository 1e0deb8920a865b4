import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

import { lingui } from "@lingui/vite-plugin";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

const SERVER = process.env["YOZORA_URL"] ?? "http://127.0.0.1:8000";
const COMPRESSED = /\.(js|css|html|svg|json|webmanifest)$/;

/** Writes a .br and a .gz beside every text file, so that the server compresses nothing. */
function precompressed(): Plugin {
  let folder = "";
  return {
    name: "precompressed",
    apply: "build",
    configResolved(config) {
      folder = config.build.outDir;
    },
    async closeBundle() {
      const names = await readdir(folder, { recursive: true });
      for (const name of names.filter((each) => COMPRESSED.test(each))) {
        const path = join(folder, name);
        const data = await readFile(path);
        const params = { [constants.BROTLI_PARAM_QUALITY]: 10 };
        await writeFile(`${path}.br`, brotliCompressSync(data, { params }));
        await writeFile(`${path}.gz`, gzipSync(data, { level: 9 }));
      }
    },
  };
}

export default defineConfig({
  base: "./", // the index has a <base>, which the server sets to the folder of a proxy
  plugins: [react(), lingui({ macroTransform: true, failOnCompileError: true }), precompressed()],
  resolve: { alias: { "@": join(import.meta.dirname, "src") } },
  build: {
    outDir: join(import.meta.dirname, "../src/yozora/server/studio"),
    emptyOutDir: true,
    target: "es2023",
    cssTarget: ["chrome123", "firefox121", "safari17.5"], // know light-dark(), whose replacement Mantine's scheme breaks
    assetsInlineLimit: 0, // the content security policy allows no data: fonts or scripts
    modulePreload: { polyfill: false },
    // What `/` needs is one file: many small ones compress less, and each has a header of its own.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: "start", tags: ["$initial"] }] } } },
  },
  server: {
    proxy: Object.fromEntries(["/v1", "/s/", "/docs", "/openapi.json"].map((path) => [path, { target: SERVER }])),
  },
});

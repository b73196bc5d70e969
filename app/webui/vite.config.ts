import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { defineConfig, type Plugin } from "vite";

/** Puts a compressed copy beside each large file: the server has no time to compress, and browsers ask for it. */
function compressed(): Plugin {
  return {
    name: "compressed",
    writeBundle({ dir }) {
      const folder = join(dir ?? "dist", "assets");
      for (const name of readdirSync(folder)) {
        if (!/\.(js|css)$/.test(name)) continue;
        writeFileSync(join(folder, `${name}.gz`), gzipSync(readFileSync(join(folder, name)), { level: 9 }));
      }
    },
  };
}

export default defineConfig({
  // a proxy may put the page below any path
  base: "./",
  plugins: [react(), tailwindcss(), compressed()],
  server: { proxy: { "/api": process.env.CAFLEET_SERVER ?? "http://127.0.0.1:8000" } },
  build: {
    target: "es2022",
    // a polyfill would be an inline script, and what it helps is older than the target
    modulePreload: { polyfill: false },
    // data: URLs are left out of the policy
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
  },
});

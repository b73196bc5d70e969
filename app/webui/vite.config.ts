import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  // a proxy may put the page below any path
  base: "./",
  plugins: [react(), tailwindcss()],
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

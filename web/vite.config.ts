// How the site is built and served while working on it. `tools/build.mjs` and `tools/serve.mjs` do the rest.

import { defineConfig } from "vite";
import { models } from "./tools/models.ts";
import { states } from "./tools/states.ts";

/** The portal whose API and facts the development server passes on to: the address that `cargo xtask up` prints. */
const portal = process.env["PORTAL"] ?? process.env["PORTAL_URL"] ?? "http://127.0.0.1:13101";

export default defineConfig({
  plugins: [models(), states()],
  define: {
    __PORTAL_ENVIRONMENT__: JSON.stringify(process.env["PORTAL_ENVIRONMENT"] ?? "test"),
    __PORTAL_DOMAIN__: JSON.stringify(process.env["PORTAL_DOMAIN"] ?? "127.0.0.1"),
    __PORTAL_HELP__: JSON.stringify(process.env["PORTAL_HELP"] ?? "helpdesk@example.org"),
  },
  css: {
    preprocessorOptions: {
      // bootstrap-italia 2 is written with @import; the warnings are its own.
      scss: { quietDeps: true, silenceDeprecations: ["import", "global-builtin", "color-functions", "if-function"], loadPaths: ["node_modules"] },
    },
  },
  build: {
    target: "es2022",
    manifest: true,
    // Fonts and the sprite are files of their own: a strict policy lets no data: through for them.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      output: {
        // What the public pages share travels as one file: ten small ones cost ten answers' headers.
        codeSplitting: { groups: [{ name: "public", test: /src\/(facts|clock|dates|texts\/it\/facts|components\/countdown|pages\/public\/(fact-failed|notice-lists|maintenance-list))/ }] },
      },
    },
  },
  server: {
    host: "127.0.0.1",
    port: 5173,
    proxy: Object.fromEntries(
      ["/api", "/facts", "/posta"].map((path) => [
        path,
        {
          target: portal,
          changeOrigin: true,
          // The API admits changes from its own origin alone; here the page's is the development server's.
          configure: (proxy: { on: (event: "proxyReq", then: (request: { getHeader: (name: string) => unknown; setHeader: (name: string, value: string) => void }) => void) => void }) =>
            proxy.on("proxyReq", (request) => {
              if (request.getHeader("origin") === "http://127.0.0.1:5173") request.setHeader("origin", portal);
            }),
        },
      ]),
    ),
  },
  test: { include: ["src/**/*.test.ts", "src/**/*.test.tsx", "tools/**/*.test.ts", "e2e/**/*.test.mjs"] },
} as Parameters<typeof defineConfig>[0]);

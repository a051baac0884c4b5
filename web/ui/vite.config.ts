import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Relative addresses: the same files work under / and under /book/player/.
  base: './',
  publicDir: false,
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    license: { fileName: 'licences.md' },
    rolldownOptions: {
      // Two plain entries, not Vite's library mode, which would put the wasm inside the script.
      // The gallery draws the player from fixtures; only the browser tests open it.
      input: { index: 'index.html', gallery: 'gallery.html', 'glass-player': 'src/glass-player.ts' },
      preserveEntrySignatures: 'exports-only',
      output: {
        // A page names the player's module, so its name stays; all else carries a hash.
        entryFileNames: ({ name }) =>
          name === 'glass-player' ? '[name].js' : 'assets/[name]-[hash].js',
      },
    },
  },
  worker: { format: 'es' },
  test: { include: ['test/**/*.test.ts'] },
});

// The two faces of the player. A script adds them, not a style sheet: a face that is declared
// inside a shadow tree is not used, and the page around a player owns its own styles.

import monoLatin from '@fontsource-variable/atkinson-hyperlegible-mono/files/atkinson-hyperlegible-mono-latin-wght-normal.woff2?url';
import nextLatin from '@fontsource-variable/atkinson-hyperlegible-next/files/atkinson-hyperlegible-next-latin-wght-normal.woff2?url';

const FACES = [
  { family: 'Atkinson Hyperlegible Next', url: nextLatin },
  { family: 'Atkinson Hyperlegible Mono', url: monoLatin },
];

/** Makes the faces known to the page; the browser loads each when a text first needs it. */
export function addFonts(fonts: FontFaceSet): void {
  for (const { family, url } of FACES) {
    fonts.add(new FontFace(family, `url("${url}")`, { weight: '200 800', display: 'swap' }));
  }
}

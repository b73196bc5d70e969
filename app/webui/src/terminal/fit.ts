/** The width and the height of a letter of size 1. */
export type Letter = { width: number; height: number };
type Box = { width: number; height: number };

/** The size of letters in a picture, before it is scaled; that of every screen when it is made. */
export const PICTURED = 12;
/** The sizes of letters between which a person may zoom. */
const SMALLEST = 4;
const LARGEST = 28;
/** As large as a screen is shown by itself; a small pane in a wide panel need not shout. */
const COMFORTABLE = 15;

/** The size of letters with which a screen of so many columns and rows fits into a box. */
export function fitting(columns: number, rows: number, box: Box, letter: Letter): number {
  const byWidth = box.width / (columns * letter.width);
  // the terminal makes a row a whole number of pixels high
  const byHeight = Math.floor(box.height / rows) / letter.height;
  // rounded down, so that no rounding of the browser's makes it too large
  const size = Math.floor(Math.min(byWidth, byHeight, COMFORTABLE) * 100) / 100;
  return Math.max(1, size);
}

/** How a screen with letters of the size `PICTURED` is moved and scaled into the middle of a box. */
export function pictured(columns: number, rows: number, box: Box, letter: Letter): string {
  const width = columns * letter.width * PICTURED;
  const height = rows * Math.ceil(letter.height * PICTURED);
  const scale = Math.min(box.width / width, box.height / height, COMFORTABLE / PICTURED);
  const [x, y] = [(box.width - width * scale) / 2, (box.height - height * scale) / 2];
  return `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px) scale(${scale.toFixed(4)})`;
}

/** A step of zoom, from the size that is shown now. */
export function zoomed(size: number, by: 1 | -1): number {
  return Math.max(SMALLEST, Math.min(LARGEST, Math.round(size) + by * (size < 12 ? 1 : 2)));
}

/** Measures the letters of a font. */
export function measure(fontFamily: string): Letter {
  const context = document.createElement("canvas").getContext("2d");
  if (!context) return { width: 0.6, height: 1.2 };
  context.font = `100px ${fontFamily}`;
  const { width, fontBoundingBoxAscent, fontBoundingBoxDescent } = context.measureText("W");
  return { width: width / 100, height: (fontBoundingBoxAscent + fontBoundingBoxDescent) / 100 };
}

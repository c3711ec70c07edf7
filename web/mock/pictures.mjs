// Page pictures of the mock: the text set as SVG lines, and boxes for a range from the same layout.
const WIDTH = 800;
const HEIGHT = 1035;
const LEFT = 70;
const TOP = 90;
const LINE = 24;
const LETTERS = 78;
const LETTER = (WIDTH - 2 * LEFT) / LETTERS;

/** Lines with where each begins in the text. */
function layout(text) {
  const lines = [];
  let at = 0;
  for (const paragraph of text.split("\n")) {
    let rest = paragraph;
    let start = at;
    do {
      let cut = rest.length <= LETTERS ? rest.length : rest.lastIndexOf(" ", LETTERS);
      if (cut <= 0) cut = Math.min(LETTERS, rest.length);
      lines.push({ start, text: rest.slice(0, cut) });
      const skip = rest[cut] === " " ? cut + 1 : cut;
      start += skip;
      rest = rest.slice(skip);
    } while (rest);
    at += paragraph.length + 1;
  }
  return lines;
}

export function picture(text) {
  const escape = (value) => value.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);
  const rows = layout(text)
    .map((line, index) => `<text x="${LEFT}" y="${TOP + index * LINE}" textLength="${(line.text.length * LETTER).toFixed(1)}" lengthAdjust="spacingAndGlyphs">${escape(line.text) || " "}</text>`)
    .join("");
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" font-family="serif" font-size="16"><rect width="100%" height="100%" fill="#fff"/>${rows}</svg>`;
}

export function boxes(text, start, end) {
  return layout(text).flatMap((line, index) => {
    const from = Math.max(start, line.start);
    const to = Math.min(end, line.start + line.text.length);
    if (from >= to) return [];
    return [{ left: (LEFT + (from - line.start) * LETTER) / WIDTH, top: (TOP + index * LINE - 17) / HEIGHT, width: ((to - from) * LETTER) / WIDTH, height: 23 / HEIGHT }];
  });
}

export const size = { width: WIDTH, height: HEIGHT };

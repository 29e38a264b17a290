/**
 * Strategies as an SVG: columns of bars, one row a strategy, so that what a strategy gains in one column and
 * pays in another is seen in one look. Each bar has its value beside it, so there are no axes to read. Pure.
 */
import { create } from 'xmlbuilder2';
import { number } from '../simulate/summary';
import type { Panel } from './panels';
import { rankText, type Ranked } from './ranking';

const MARGIN = 20;
const NAMES_WIDTH = 270;
const BARS_WIDTH = 180;
/** Room for a value beside the longest bar. */
const VALUE_WIDTH = 90;
const HEAD_HEIGHT = 50;
const ROW_HEIGHT = 30;
const BAR_HEIGHT = 16;
const FOOT_HEIGHT = 30;
const INK = '#222222';

interface Text {
  x: number;
  y: number;
  text: string;
  weight?: 'bold';
}

export function pictureOf(panels: readonly Panel[], rows: readonly Ranked[], caption: string): string {
  const width = 2 * MARGIN + NAMES_WIDTH + panels.length * (BARS_WIDTH + VALUE_WIDTH);
  const height = HEAD_HEIGHT + rows.length * ROW_HEIGHT + FOOT_HEIGHT;
  const svg = create({ encoding: 'UTF-8' }).ele('http://www.w3.org/2000/svg', 'svg', {
    viewBox: `0 0 ${width} ${height}`,
    width,
    height,
    'font-family': 'system-ui, sans-serif',
    'font-size': 13,
    role: 'img',
    'aria-label': caption,
  });
  const rect = (x: number, y: number, w: number, h: number, fill: string): void =>
    void svg.ele('rect', { x: round(x), y: round(y), width: round(w), height: round(h), fill });
  const write = ({ x, y, text, weight }: Text): void =>
    void svg.ele('text', { x: round(x), y: round(y), fill: INK, ...(weight && { 'font-weight': weight }) }).txt(text);

  rect(0, 0, width, height, '#ffffff');
  rows.forEach((row, index) => {
    const [rank, { name }] = [rankText(row), row.strategy];
    write({ x: MARGIN, y: rowMiddle(index) + 4, text: rank === null ? name : `(${rank}) ${name}` });
  });
  panels.forEach((panel, column) => {
    const left = MARGIN + NAMES_WIDTH + column * (BARS_WIDTH + VALUE_WIDTH);
    const most = Math.max(...rows.map((row) => panel.upper95(row) ?? panel.value(row) ?? 0));
    const lengthOf = (value: number): number => (most === 0 ? 0 : (value / most) * BARS_WIDTH);
    write({ x: left, y: HEAD_HEIGHT - 16, text: panel.title, weight: 'bold' });
    rows.forEach((row, index) => {
      const value = panel.value(row);
      const end = lengthOf(value ?? 0);
      const boundEnd = lengthOf(panel.upper95(row) ?? value ?? 0);
      const middle = rowMiddle(index);
      rect(left, middle - BAR_HEIGHT / 2, end, BAR_HEIGHT, panel.color);
      if (boundEnd > end) {
        rect(left + end, middle - 0.5, boundEnd - end, 1, INK);
        rect(left + boundEnd - 0.5, middle - 4, 1, 8, INK);
      }
      write({ x: left + boundEnd + 6, y: middle + 4, text: number(value, panel.digits) });
    });
  });
  write({ x: MARGIN, y: height - 10, text: caption });
  return `${svg.end({ prettyPrint: true })}\n`;
}

function rowMiddle(index: number): number {
  return HEAD_HEIGHT + (index + 0.5) * ROW_HEIGHT;
}

/** A tenth of a point is finer than any screen, and the file stays readable. */
function round(value: number): number {
  return Math.round(value * 10) / 10;
}

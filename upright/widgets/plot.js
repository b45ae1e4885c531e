// A plot as SVG text: scales, axes, lines.

import { escape } from "./parts.js";

const LETTER = 9; // how wide a digit is at most

function ticks(low, high, count) {
  const raw = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const size = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((each) => each >= raw * 0.999);
  const first = Math.ceil(low / size - 1e-9);
  const last = Math.floor(high / size + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * size).toPrecision(12)));
}

function short(value) {
  if (value !== 0 && Math.abs(value) >= 10000) return value.toLocaleString("en");
  return String(Number(value.toPrecision(6))).replace("-", "−");
}

/**
 * The coordinates of a plot. x, y: [lowest, highest] of each axis; labels say the unit, and y's stands above its axis, where
 * it can be read without turning the head. xTicks, yTicks: [value, text] pairs in place of round numbers, of which a narrow
 * picture has fewer; logX, logY: logarithmic axes (which need ticks).
 * Gives {X, Y}: from a value to the picture's coordinate; `frame`: the axes as SVG; `line(points)`: SVG path data.
 */
export function plot({ width = 640, height = 280, x, y, xLabel, yLabel, xTicks, yTicks, logX = false, logY = false }) {
  const inX = xTicks ?? ticks(x[0], x[1], Math.round(width / 105)).map((value) => [value, short(value)]);
  const inY = yTicks ?? ticks(y[0], y[1], Math.round(height / 56)).map((value) => [value, short(value)]);
  const longest = Math.max(...inY.map(([, text]) => text.length));
  const [top, bottom] = [34, 50];
  const left = Math.max(width < 500 ? 46 : 56, longest * LETTER + 12);
  const right = Math.max(16, (inX.at(-1)[1].length * LETTER) / 2);
  const along = (log) => (log ? Math.log : (value) => value);
  const scale = ([low, high], from, to, log) => {
    const f = along(log);
    return (value) => from + ((f(value) - f(low)) / (f(high) - f(low))) * (to - from);
  };
  const X = scale(x, left, width - right, logX);
  const Y = scale(y, height - bottom, top, logY);
  const at = (value) => value.toFixed(1);
  const frame = `<g class="axes">
${inY.map(([v, text]) => `<path class="grid" d="M${left} ${at(Y(v))}H${width - right}"/><text class="y" x="${left - 8}" y="${at(Y(v) + 5)}">${escape(text)}</text>`).join("")}
${inX.map(([v, text]) => `<path d="M${at(X(v))} ${height - bottom}v6"/><text x="${at(X(v))}" y="${height - bottom + 22}">${escape(text)}</text>`).join("")}
<path d="M${left} ${height - bottom}H${width - right}"/>
<text class="name x" x="${width - right}" y="${height - 6}">${escape(xLabel)}</text>
<text class="name y" x="4" y="17">${escape(yLabel)}</text></g>`;
  const line = (points) => points.map(([px, py], i) => `${i ? "L" : "M"}${at(X(px))} ${at(Y(py))}`).join("");
  return { X, Y, frame, line, left, right: width - right, top, bottom: height - bottom };
}

// Figures as HTML text, made in the build: [{name, state}, ...] on stdin gives [html, ...] on stdout.

import { text } from "node:stream/consumers";

const figures = JSON.parse(await text(process.stdin));
const drawn = figures.map(async ({ name, state }) => {
  const { markup } = await import(new URL(`../upright/widgets/${name}.js`, import.meta.url));
  return markup(state);
});
process.stdout.write(JSON.stringify(await Promise.all(drawn)));

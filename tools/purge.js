// Keep of a style sheet what the site's pages and scripts can use: purge.js SITE SHEET, the result on stdout.

import { PurgeCSS } from "purgecss";

const [site, sheet] = process.argv.slice(2);
const [kept] = await new PurgeCSS().purge({
  content: [`${site}/**/*.html`, `${site}/_static/**/*.js`],
  css: [sheet],
  variables: false,
});
process.stdout.write(kept.css);

// How fast a figure's time may run: [factor, text] pairs.

export const SPEEDS = [
  [0.1, "ten times slower"],
  [0.25, "four times slower"],
  [1, "real time"],
];

// Random numbers that a seed repeats. They are not NumPy's: an episode here is not Gymnasium's of the same seed.

/** A function that gives numbers from 0 to 1, 1 excluded. Mulberry32 by Tommy Ettinger (public domain), period 2^32. */
export function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** A number from the standard normal distribution. Box and Muller, Annals of Mathematical Statistics 29 (1958), p. 610. */
export function normal(random) {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

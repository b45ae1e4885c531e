// The distribution of a sum of random whole numbers, exactly: powers of its characteristic function, turned back.

/** In place, with no factor: the discrete Fourier transform of as many numbers as a power of two. Cooley and Tukey (1965). */
export function transform(real, imaginary) {
  const size = real.length;
  for (let i = 1, j = 0; i < size; i += 1) {
    let bit = size >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      [real[i], real[j]] = [real[j], real[i]];
      [imaginary[i], imaginary[j]] = [imaginary[j], imaginary[i]];
    }
  }
  for (let length = 2; length <= size; length *= 2) butterflies(real, imaginary, length);
}

function butterflies(real, imaginary, length) {
  const half = length / 2;
  for (let k = 0; k < half; k += 1) {
    const cos = Math.cos((2 * Math.PI * k) / length);
    const sin = -Math.sin((2 * Math.PI * k) / length);
    for (let i = k; i < real.length; i += length) {
      const re = real[i + half] * cos - imaginary[i + half] * sin;
      const im = real[i + half] * sin + imaginary[i + half] * cos;
      [real[i + half], imaginary[i + half]] = [real[i] - re, imaginary[i] - im];
      [real[i], imaginary[i]] = [real[i] + re, imaginary[i] + im];
    }
  }
}

/** The probabilities of 0, 1, 2, ... for the sum of `count` independent numbers, each k with probability chances[k]. */
export function sumOf(chances, count, size) {
  const real = new Float64Array(size);
  const imaginary = new Float64Array(size);
  real.set(chances);
  transform(real, imaginary);
  for (let i = 0; i < size; i += 1) {
    const length = Math.hypot(real[i], imaginary[i]) ** count;
    const turn = Math.atan2(imaginary[i], real[i]) * count;
    [real[i], imaginary[i]] = [length * Math.cos(turn), -length * Math.sin(turn)]; // conjugated: the way back
  }
  transform(real, imaginary);
  return real.map((value) => Math.max(value / size, 0));
}

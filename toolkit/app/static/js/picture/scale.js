/** A linear axis: from places on the picture to values, fitted as the reader of figures does. */

/** @typedef {Array<[number, number]>} Calibration  pairs of pixel and value */

export class Scale {
  /** @param {Calibration} points */
  constructor(points) {
    const n = points.length;
    const mean = (at) => points.reduce((sum, each) => sum + each[at], 0) / n;
    const [pixel, value] = [mean(0), mean(1)];
    const top = points.reduce((sum, each) => sum + (each[1] - value) * (each[0] - pixel), 0);
    const bottom = points.reduce((sum, each) => sum + (each[1] - value) ** 2, 0);
    this.perUnit = top / bottom; // pixels
    this.start = pixel - this.perUnit * value;
  }

  /** @param {number} value */
  pixel(value) {
    return this.start + this.perUnit * value;
  }

  /** @param {number} pixel */
  value(pixel) {
    return (pixel - this.start) / this.perUnit;
  }
}

/**
 * Whether two places can be an axis: at different pixels, with different values.
 * @param {Calibration} points
 */
export function isAxis(points) {
  const distinct = (at) => new Set(points.map((each) => each[at])).size > 1;
  return points.length > 1 && points.flat().every(Number.isFinite) && distinct(0) && distinct(1);
}

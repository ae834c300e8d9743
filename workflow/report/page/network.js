"use strict";
/* The networks of the page: reading their weights and predicting the class of an image. */
const Network = (() => {
  const bytes = (text) => {
    const raw = atob(text), found = new Uint8Array(raw.length);
    for (let at = 0; at < raw.length; at++) found[at] = raw.charCodeAt(at);
    return found;
  };

  // IEEE 754 half precision, little-endian: a sign, five bits of exponent, ten of fraction.
  const half = (bits) => {
    const sign = bits & 0x8000 ? -1 : 1, exponent = (bits >> 10) & 31, fraction = bits & 1023;
    if (exponent === 31) return fraction ? NaN : sign * Infinity;
    return sign * (exponent ? 2 ** (exponent - 25) * (1024 + fraction) : 2 ** -24 * fraction);
  };
  const HALVES = Float32Array.from({length: 1 << 16}, (_, bits) => half(bits));
  const halves = (text) => {
    const raw = bytes(text), found = new Float32Array(raw.length / 2);
    for (let at = 0; at < found.length; at++) found[at] = HALVES[raw[2 * at] | (raw[2 * at + 1] << 8)];
    return found;
  };

  const read = (stack) => stack.map((layer) => "kernel" in layer
    ? {...layer, kernel: halves(layer.kernel), bias: halves(layer.bias)}
    : layer);

  /* The error function, to 1.2e-7: W. H. Press et al., Numerical Recipes in C (1992), section 6.2. */
  const COEFFICIENTS = [0.17087277, -0.82215223, 1.48851587, -1.13520398, 0.27886807, -0.18628806,
    0.09678418, 0.37409196, 1.00002368, -1.26551223];
  const erf = (x) => {
    const t = 1 / (1 + Math.abs(x) / 2);
    const power = COEFFICIENTS.reduce((total, each) => total * t + each, 0);
    return Math.sign(x) * (1 - t * Math.exp(power - x * x));
  };

  const elu = (value, alpha = 1) => value > 0 ? value : alpha * Math.expm1(value);
  const activations = {
    relu: (values) => values.map((value) => Math.max(value, 0)),
    elu: (values) => values.map((value) => elu(value)),
    selu: (values) => values.map((value) => 1.0507009873554805 * elu(value, 1.6732632423543772)),
    gelu: (values) => values.map((value) => value * (1 + erf(value * Math.SQRT1_2)) / 2),
    silu: (values) => values.map((value) => value * (1 + Math.tanh(value / 2)) / 2),
    tanh: (values) => values.map(Math.tanh),
    softmax: (values) => {
      const top = Math.max(...values), powers = values.map((value) => Math.exp(value - top));
      const sum = powers.reduce((total, power) => total + power, 0);
      return powers.map((power) => power / sum);
    },
  };

  const dense = (layer, values) => {
    const {units, kernel} = layer, sums = Float64Array.from(layer.bias);
    values.forEach((value, input) => {
      if (value === 0) return; // most pixels, and about half of the activations
      for (let unit = 0, at = input * units; unit < units; unit++, at++) sums[unit] += value * kernel[at];
    });
    return activations[layer.activation](sums);
  };

  /* The probabilities of the classes, from pixels of 0 to 255, row by row. */
  const predict = (stack, pixels) => stack.reduce(
    (values, layer) => "kernel" in layer
      ? dense(layer, values)
      : values.map((value) => value * layer.scale + layer.offset),
    Float64Array.from(pixels),
  );

  return {bytes, read, predict};
})();

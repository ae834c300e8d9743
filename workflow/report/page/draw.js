"use strict";
/* Turns strokes of a pen into an image like those that the networks were trained on: scaled to the
   same size of box, centred by the centre of mass, drawn with a pen of the same width. */
const Drawing = (() => {
  /* Trace strokes, lists of points [x, y], with round ends; a single point is a dot. */
  const trace = (context, strokes, pen) => {
    context.lineWidth = pen;
    context.lineCap = context.lineJoin = "round";
    for (const stroke of strokes) {
      context.beginPath();
      context.moveTo(...stroke[0]);
      if (stroke.length === 1) context.lineTo(stroke[0][0] + 0.01, stroke[0][1]); // otherwise no dot is drawn
      for (const point of stroke.slice(1)) context.lineTo(...point);
      context.stroke();
    }
  };

  const box = (strokes) => {
    const [xs, ys] = [0, 1].map((axis) => strokes.flat().map((point) => point[axis]));
    const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    return {x: (left + right) / 2, y: (top + bottom) / 2, width: right - left, height: bottom - top};
  };

  /* Draw at several times the size and average: antialiased edges, as in scaled images. */
  const rasterise = (strokes, pen, [height, width]) => {
    const fine = Math.max(1, Math.min(8, Math.floor(512 / Math.max(height, width))));
    const canvas = document.createElement("canvas");
    canvas.width = width * fine;
    canvas.height = height * fine;
    const context = canvas.getContext("2d", {willReadFrequently: true});
    context.scale(fine, fine);
    trace(context, strokes, pen);
    const {data} = context.getImageData(0, 0, canvas.width, canvas.height);
    const sums = new Float64Array(height * width);
    for (let y = 0, at = 3; y < canvas.height; y++) {
      const row = Math.floor(y / fine) * width;
      for (let x = 0; x < canvas.width; x++, at += 4) sums[row + Math.floor(x / fine)] += data[at];
    }
    return sums.map((sum) => sum / fine ** 2);
  };

  const centre = (pixels, [height, width]) => {
    let mass = 0, x = 0, y = 0;
    for (let row = 0, at = 0; row < height; row++) {
      for (let column = 0; column < width; column++, at++) {
        mass += pixels[at];
        x += pixels[at] * (column + 0.5);
        y += pixels[at] * (row + 0.5);
      }
    }
    return mass ? [x / mass, y / mass] : [width / 2, height / 2];
  };

  /* The image of the strokes: pixels of 0 to 255, row by row. `style` is measured on the data. */
  const image = (strokes, style, shape) => {
    const [height, width] = shape, from = box(strokes), {pen} = style;
    const room = [width, height].map((side) => Math.max(side * style.extent - pen, 1));
    const scale = Math.min(room[0] / from.width, room[1] / from.height);
    const factor = isFinite(scale) ? scale : 1;
    const place = (x, y) => strokes.map((stroke) => stroke.map(
      (point) => [(point[0] - from.x) * factor + x, (point[1] - from.y) * factor + y]));
    const middle = [width / 2, height / 2];
    const found = centre(rasterise(place(...middle), pen, shape), shape);
    // Moved so that the centre of mass matches the data, but never out of the image.
    const target = [0, 1].map((axis) => {
      const side = [width, height][axis], spread = [from.width, from.height][axis] * factor + pen;
      const margin = Math.max((side - spread) / 2, 0);
      const shift = style.centre[1 - axis] - found[axis];
      return middle[axis] + Math.max(-margin, Math.min(margin, shift));
    });
    return Uint8Array.from(rasterise(place(...target), pen, shape), Math.round);
  };

  return {trace, image};
})();

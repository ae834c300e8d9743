"use strict";
/* The drawing area: strokes or a validation image in, the networks' probabilities out. In colour, there
   is no style to draw in (`data.drawing` is null), and the area shows the chosen image. */
(() => {
  const part = (id) => document.getElementById(id);
  if (!part("try-data")) return;
  const data = JSON.parse(part("try-data").textContent);
  const [height, width, channels = 1] = data.image_shape, size = height * width * channels;
  const networks = data.networks.map(Network.read);
  const images = Network.bytes(data.images.pixels), labels = data.images.labels;
  const pad = part("pad"), seen = part("seen"), table = part("probabilities").closest("table");
  const rows = [...table.tBodies[0].rows, ...(table.tFoot ? table.tFoot.rows : [])];
  const PAGE = 20, QUIET = 800, INK = [27, 31, 36], PAPER = 255;

  // Points are in pixels of the networks' images. `shown` is the number of a validation image.
  let strokes = [], shown = data.drawing ? null : 0, pen = [width / 2, height / 2], down = false, first = 0;
  let due = 0, quiet = 0;

  // Grey is dark on light, as in the plots; in the data, ink has high values. Colours are as they are.
  const inks = (ink) => INK.map((colour) => PAPER + ((colour - PAPER) * ink) / 255);
  const paint = (canvas, pixels) => {
    [canvas.width, canvas.height] = [width, height];
    const picture = new ImageData(width, height);
    for (let at = 0; at < height * width; at++) {
      const colours = channels === 1 ? inks(pixels[at]) : pixels.subarray(3 * at, 3 * at + 3);
      picture.data.set([...colours, 255], 4 * at);
    }
    canvas.getContext("2d").putImageData(picture, 0, 0);
  };

  const pixels = () => {
    if (shown !== null) return images.subarray(shown * size, (shown + 1) * size);
    return strokes.length ? Drawing.image(strokes, data.drawing, data.image_shape) : new Uint8Array(size);
  };

  const show = (ink) => {
    if (seen) paint(seen, ink);
    if (shown !== null) return paint(pad, ink);
    const scale = Math.round((pad.clientWidth || 280) * (window.devicePixelRatio || 1)) / width;
    [pad.width, pad.height] = [scale * width, scale * height].map(Math.round);
    const context = pad.getContext("2d");
    context.scale(scale, scale);
    context.strokeStyle = `rgb(${INK})`;
    Drawing.trace(context, strokes, data.drawing.pen);
    if (document.activeElement === pad && pad.matches(":focus-visible")) {
      context.fillStyle = down ? "#d55e00" : "#0072b2";
      context.beginPath();
      context.arc(...pen, data.drawing.pen / 2, 0, 2 * Math.PI);
      context.fill();
    }
  };

  const percent = (p) => (100 * p).toFixed(0);
  const best = (probabilities) => probabilities.indexOf(Math.max(...probabilities));

  const fill = (row, probabilities, truth) => {
    const [, answer, ...cells] = row.cells, top = best(probabilities);
    const mark = truth === null ? "" : top === truth ? " ✓" : " ✗";
    const words = truth === null ? "" : top === truth ? ", right" : ", wrong";
    answer.replaceChildren(data.classes[top], mark && element("span", mark, {"aria-hidden": true}),
      words && element("span", words, {class: "sr"}));
    answer.classList.toggle("wrong", top !== truth && truth !== null);
    cells.forEach((cell, label) => {
      const p = probabilities[label];
      cell.style.setProperty("--p", p);
      cell.replaceChildren(element("data", percent(p), {value: p.toFixed(4)}));
      cell.classList.toggle("top", label === top);
    });
  };

  const element = (name, text, attributes) => {
    const made = document.createElement(name);
    made.textContent = text;
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  };

  const empty = () => {
    for (const cell of rows.flatMap((row) => [...row.cells].slice(1))) {
      cell.replaceChildren();
      cell.classList.remove("top", "wrong");
      cell.style.setProperty("--p", 0);
    }
    return "Nothing drawn yet.";
  };

  const read = (ink, truth) => {
    const each = networks.map((network) => [...Network.predict(network, ink)]);
    const mean = data.classes.map((_, label) => each.reduce((sum, p) => sum + p[label], 0) / each.length);
    rows.forEach((row, at) => fill(row, each[at] ?? mean, truth));
    const top = best(mean), agreeing = each.filter((p) => best(p) === top).length;
    const [name, certainty] = [data.classes[top], `${percent(mean[top])}%`];
    if (each.length === 1) return `The network predicts ${name} with ${certainty} confidence.`;
    const all = each.length === 2 ? "Both" : `All ${each.length}`;
    const by = agreeing === each.length ? all : `${agreeing} of ${each.length}`;
    const predict = agreeing === 1 ? "predicts" : "predict";
    return `${by} networks ${predict} ${name}; mean confidence ${certainty}.`;
  };

  const title = (at) => `${data.classes[labels[at]]}, row ${data.images.rows[at]}`;

  const update = () => {
    due = 0;
    const ink = pixels(), truth = shown === null ? null : labels[shown];
    show(ink);
    [...table.tHead.rows[0].cells].forEach((cell, at) => cell.classList.toggle("true", at - 2 === truth));
    part("verdict").textContent = ink.some(Boolean) || !data.drawing ? read(ink, truth) : empty();
    part("truth").textContent = truth === null ? "" : `True class: ${title(shown)}.`;
    for (const button of part("images").children) {
      button.setAttribute("aria-pressed", Number(button.value) === shown);
    }
    // Announced once the pen rests, not with every point.
    clearTimeout(quiet);
    quiet = setTimeout(() => { part("spoken").textContent = `${part("verdict").textContent} ${part("truth").textContent}`; }, QUIET);
  };
  const soon = () => { due ||= requestAnimationFrame(update); };

  const start = (point) => {
    shown = null;
    strokes.push([point]);
    soon();
  };
  const clear = () => { [strokes, shown, down] = [[], null, false]; soon(); };
  const undo = () => { [shown, down] = [null, false]; strokes.pop(); soon(); };
  const load = (at) => { [strokes, shown, down] = [[], at, false]; update(); };

  const place = (event) => {
    const frame = pad.getBoundingClientRect();
    const edge = (frame.width - pad.clientWidth) / 2;
    return [((event.clientX - frame.left - edge) / pad.clientWidth) * width,
      ((event.clientY - frame.top - edge) / pad.clientHeight) * height];
  };

  const listen = () => {
    let pointer = null;
    pad.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || pointer !== null) return;
      pointer = event.pointerId;
      pad.setPointerCapture(pointer);
      start(place(event));
    });
    pad.addEventListener("pointermove", (event) => {
      if (event.pointerId !== pointer) return;
      const passed = event.getCoalescedEvents?.() ?? [];
      strokes.at(-1)?.push(...(passed.length ? passed : [event]).map(place));
      soon();
    });
    for (const end of ["pointerup", "pointercancel"]) {
      pad.addEventListener(end, (event) => { if (event.pointerId === pointer) pointer = null; });
    }

    const ARROWS = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};
    const KEYS = {Backspace: undo, Delete: clear, " ": () => { down = !down; if (down) start([...pen]); }};
    pad.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.altKey || event.metaKey) return;
      const step = ARROWS[event.key];
      if (!step && !KEYS[event.key]) return;
      event.preventDefault();
      if (step) {
        const length = Math.max(height, width) / 28; // 28 steps across, as fine as MNIST
        pen = [0, 1].map((axis) => Math.max(0, Math.min([width, height][axis], pen[axis] + step[axis] * length)));
        if (down) strokes.at(-1)?.push([...pen]);
      } else KEYS[event.key]();
      soon();
    });
    pad.addEventListener("focus", soon);
    pad.addEventListener("blur", () => { down = false; soon(); });
    part("clear").addEventListener("click", clear);
    part("undo").addEventListener("click", undo);
  };

  const turn = (to) => {
    first = Math.max(0, Math.min(to, labels.length - 1));
    const last = Math.min(first + PAGE, labels.length);
    part("images").replaceChildren(...Array.from({length: last - first}, (_, at) => {
      const button = element("button", "", {type: "button", value: first + at, "aria-pressed": first + at === shown});
      button.setAttribute("aria-label", `Image ${first + at + 1}: ${title(first + at)}`);
      const canvas = document.createElement("canvas");
      paint(canvas, images.subarray((first + at) * size, (first + at + 1) * size));
      button.append(canvas);
      button.addEventListener("click", () => load(first + at));
      return button;
    }));
    part("range").textContent = `${first + 1} to ${last} of ${labels.length}`;
    part("harder").disabled = first === 0;
    part("easier").disabled = last === labels.length;
  };
  part("harder").addEventListener("click", () => turn(first - PAGE));
  part("easier").addEventListener("click", () => turn(first + PAGE));

  part("try-off").hidden = true;
  part("try-on").hidden = false;
  for (const canvas of [pad, seen].filter(Boolean)) canvas.style.aspectRatio = `${width} / ${height}`;
  if (data.drawing) listen();
  turn(0);
  update();
  window.addEventListener("resize", soon);
})();
